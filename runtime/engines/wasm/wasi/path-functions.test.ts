import assert from "node:assert/strict";
import { test } from "node:test";
import { wasi } from "@bjorn3/browser_wasi_shim";
import { ALL_KNOWN as ALL, openStep as open, runScript, type Step } from "./testing.ts";

const { ERRNO_SUCCESS: OK, ERRNO_FAULT: FAULT, ERRNO_INVAL: INVAL } = wasi;
const CREATE = wasi.OFLAGS_CREAT;

test("directories are read with cookies, the last record cut at the end of the room", async () => {
  const { errnos, memory, text } = await runScript(
    [
      open(1),
      ["path_create_directory", 3, 104, 2],
      ["fd_readdir", 3, 1000, 500, 0n, 204],
      ["fd_readdir", 3, 2000, 30, 2n, 208],
      ["fd_readdir", 3, 2100, 500, 3n, 212],
      ["path_unlink_file", 3, 100, 1],
      ["fd_readdir", 3, 2700, 500, 3n, 216],
      ["fd_readdir", 3, 3000, 500, 999n, 220],
      ["fd_readdir", "@200", 0, 0, 0n, 224],
      ["fd_readdir", 3, 131_000, 500, 0n, 224],
    ],
    { memory: { 100: "f", 104: "\\c3\\a9" } },
  );
  assert.deepEqual(errnos, [OK, OK, OK, OK, OK, OK, OK, OK, wasi.ERRNO_NOTDIR, FAULT]);
  assert.equal(memory.getUint32(204, true), 25 + 26 + 25 + 26);
  assert.equal(text(1000 + 24, 1), ".");
  assert.equal(text(1025 + 24, 2), "..");
  assert.equal(text(1051 + 24, 1), "f");
  assert.equal(memory.getUint8(1051 + 20), wasi.FILETYPE_REGULAR_FILE);
  assert.equal(text(1076 + 24, 2), "é");
  assert.equal(memory.getUint32(208, true), 30);
  // Going on after "f" finds the same entry whether or not "f" is still there.
  assert.equal(memory.getUint32(212, true), 26);
  assert.equal(memory.getUint32(216, true), 26);
  assert.equal(memory.getUint32(220, true), 0);
});

test("links, renames and removals behave as POSIX has them", async () => {
  const { errnos, memory, text } = await runScript(
    [
      open(1),
      ["path_link", 3, 0, 100, 1, 3, 104, 1],
      ["path_link", 3, 0, 100, 1, 3, 104, 1],
      ["path_symlink", 104, 1, 3, 108, 1],
      ["path_symlink", 116, 2, 3, 112, 1],
      ["path_readlink", 3, 108, 1, 300, 10, 310],
      ["path_readlink", 3, 104, 1, 300, 10, 310],
      ["path_filestat_get", 3, 1, 108, 1, 400],
      ["path_filestat_get", 3, 0, 108, 1, 464],
      ["path_unlink_file", 3, 100, 1],
      ["path_rename", 3, 104, 1, 3, 112, 1],
      ["path_filestat_get", 3, 1, 108, 1, 528],
      ["path_create_directory", 3, 100, 1],
      ["path_create_directory", 3, 100, 1],
      ["path_rename", 3, 112, 1, 3, 100, 1],
      ["path_unlink_file", 3, 100, 1],
      ["path_remove_directory", 3, 100, 1],
      ["path_remove_directory", 3, 100, 1],
      ["path_remove_directory", 3, 112, 1],
      ["path_rename", 3, 100, 1, 3, 112, 1],
    ],
    { memory: { 100: "a", 104: "b", 108: "c", 112: "d", 116: "/x" } },
  );
  assert.deepEqual(errnos, [
    OK,
    OK,
    wasi.ERRNO_EXIST,
    OK,
    wasi.ERRNO_NOTCAPABLE,
    OK,
    INVAL,
    OK,
    OK,
    OK,
    OK,
    wasi.ERRNO_NOENT,
    OK,
    wasi.ERRNO_EXIST,
    wasi.ERRNO_ISDIR,
    wasi.ERRNO_ISDIR,
    OK,
    wasi.ERRNO_NOENT,
    wasi.ERRNO_NOTDIR,
    wasi.ERRNO_NOENT,
  ]);
  assert.equal(text(300, memory.getUint32(310, true)), "b");
  assert.equal(memory.getUint8(400 + 16), wasi.FILETYPE_REGULAR_FILE);
  assert.equal(memory.getBigUint64(400 + 24, true), 2n);
  assert.equal(memory.getUint8(464 + 16), wasi.FILETYPE_SYMBOLIC_LINK);
});

test("no path leaves the directory that it starts from", async () => {
  const path = (at: number, length: number): Step => [
    "path_open",
    3,
    1,
    at,
    length,
    0,
    0n,
    0n,
    0,
    200,
  ];
  const { errnos } = await runScript(
    [
      ["path_symlink", 140, 11, 3, 160, 1],
      path(100, 1),
      path(101, 3),
      path(108, 6),
      path(160, 1),
      path(170, 3),
      path(180, 2),
      path(0, 0),
      path(131_000, 1000),
      ["path_open", 3, 1, 190, 4, 0, 0n, 0n, 0, -1],
    ],
    {
      memory: {
        100: "/../",
        108: "a/../.",
        140: "../../etc/x",
        160: "l",
        170: "a\\00b",
        180: "\\ff\\fe",
        190: "none",
      },
    },
  );
  const no = wasi.ERRNO_NOTCAPABLE;
  const { ERRNO_NOENT, ERRNO_ILSEQ } = wasi;
  assert.deepEqual(errnos, [
    OK,
    no,
    no,
    ERRNO_NOENT,
    no,
    INVAL,
    ERRNO_ILSEQ,
    ERRNO_NOENT,
    FAULT,
    FAULT,
  ]);
});

test("opening creates, empties, and refuses as it is asked to", async () => {
  const { errnos } = await runScript(
    [
      open(1, 0),
      open(1, CREATE | wasi.OFLAGS_EXCL),
      open(1, CREATE | wasi.OFLAGS_EXCL),
      open(1, wasi.OFLAGS_DIRECTORY),
      open(1, CREATE | wasi.OFLAGS_DIRECTORY),
      open(2, 0),
      ["path_create_directory", 3, 104, 1],
      ["path_open", 3, 0, 104, 1, 0, ALL, ALL, 0, 200],
      ["path_open", 3, 0, 104, 1, wasi.OFLAGS_TRUNC, 0n, 0n, 0, 200],
      ["path_open", 3, 0, 104, 1, 0, 0n, 0n, 0, 200],
      ["path_open", "@200", 0, 100, 1, CREATE, 0n, 0n, 0, 204],
      ["path_open", 1, 0, 100, 1, 0, 0n, 0n, 0, 204],
    ],
    { memory: { 100: "a/", 104: "d" } },
  );
  const { ERRNO_NOENT, ERRNO_EXIST, ERRNO_NOTDIR, ERRNO_ISDIR, ERRNO_NOTCAPABLE } = wasi;
  assert.deepEqual(errnos, [
    ERRNO_NOENT,
    OK,
    ERRNO_EXIST,
    ERRNO_NOTDIR,
    INVAL,
    ERRNO_NOTDIR,
    OK,
    ERRNO_ISDIR,
    ERRNO_ISDIR,
    OK,
    ERRNO_NOTCAPABLE,
    ERRNO_NOTDIR,
  ]);
});
