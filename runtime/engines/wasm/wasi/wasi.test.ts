/** One small module per function and edge case of WASI preview 1. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { wasi } from "@bjorn3/browser_wasi_shim";
import { runScript, type Step, WASI_NAMES, words } from "./testing.ts";
import { WASI_IMPORTS } from "./wasi-imports.ts";

const { ERRNO_SUCCESS: OK, ERRNO_BADF: BADF, ERRNO_FAULT: FAULT, ERRNO_INVAL: INVAL } = wasi;
const ALL = 0x1fffffffn;
const CREATE = wasi.OFLAGS_CREAT;

/** `path_open` of the name at 100 in the root, descriptor to `out`. */
function open(length: number, flags = CREATE, out = 200, rights = ALL): Step {
  return ["path_open", 3, 0, 100, length, flags, rights, ALL, 0, out];
}

const root = { 100: "file" };

test("all 46 functions of both snapshots are there", () => {
  const missing = ["proc_exit", ...WASI_NAMES];
  for (const functions of WASI_IMPORTS.values()) {
    assert.deepEqual([...functions.keys()].sort(), [...missing].sort());
    assert.equal(functions.size, 46);
  }
});

test("args and environ are counted and written in UTF-8, each with a zero", async () => {
  const { memory, text, errnos } = await runScript(
    [
      ["args_sizes_get", 0, 4],
      ["args_get", 16, 100],
      ["environ_sizes_get", 8, 12],
      ["environ_get", 32, 200],
    ],
    { args: ["größe", "日本", ""], env: { Ä: "€" } },
  );
  assert.deepEqual(errnos, [OK, OK, OK, OK]);
  assert.equal(memory.getUint32(0, true), 4);
  assert.equal(memory.getUint32(4, true), 7 + 8 + 7 + 1);
  assert.equal(text(100, 23), "script\0größe\0日本\0\0");
  assert.deepEqual(
    [16, 20, 24, 28].map((at) => memory.getUint32(at, true)),
    [100, 107, 115, 122],
  );
  assert.equal(memory.getUint32(12, true), 7);
  assert.equal(text(200, 7), "Ä=€\0");
});

test("clocks run forward, and unknown clocks are refused", async () => {
  const before = BigInt(Date.now()) * 1_000_000n;
  const { memory, errnos } = await runScript([
    ["clock_time_get", wasi.CLOCKID_REALTIME, 0, 0],
    ["clock_time_get", wasi.CLOCKID_MONOTONIC, 0, 8],
    ["clock_time_get", wasi.CLOCKID_MONOTONIC, 0, 16],
    ["clock_time_get", wasi.CLOCKID_PROCESS_CPUTIME_ID, 0, 24],
    ["clock_res_get", wasi.CLOCKID_REALTIME, 32],
    ["clock_time_get", 4, 0, 0],
    ["clock_res_get", -1, 0],
  ]);
  assert.deepEqual(errnos, [OK, OK, OK, OK, OK, INVAL, INVAL]);
  const skew = memory.getBigUint64(0, true) - before;
  assert.ok(skew > -10_000_000_000n && skew < 60_000_000_000n);
  assert.ok(memory.getBigUint64(16, true) >= memory.getBigUint64(8, true));
  assert.ok(memory.getBigUint64(24, true) < 60_000_000_000n);
  assert.ok(memory.getBigUint64(32, true) > 0n);
});

test("random_get fills more than one part, and nothing beyond", async () => {
  const { memory, errnos } = await runScript([
    ["random_get", 1000, 50_000],
    ["random_get", 0, 0],
    ["random_get", 131_072, 1],
    ["random_get", 0, -1],
  ]);
  assert.deepEqual(errnos, [OK, OK, FAULT, FAULT]);
  const zeros = Array.from({ length: 50_000 }, (_, index) => memory.getUint8(1000 + index));
  assert.ok(zeros.filter((byte) => byte === 0).length < 400);
  assert.equal(memory.getUint8(51_000), 0);
});

test("writes gather and reads scatter over three buffers, text kept whole", async () => {
  const vectors = words(300, 3, 310, 0, 320, 5) + words(400, 2, 410, 3, 420, 10);
  const { memory, errnos, text, stdout } = await runScript(
    [
      open(4),
      ["fd_write", "@200", 16, 3, 204],
      ["fd_pwrite", "@200", 16, 1, 8n, 208],
      ["fd_seek", "@200", 0n, wasi.WHENCE_SET, 216],
      ["fd_read", "@200", 40, 3, 212],
      ["fd_pread", "@200", 40, 2, 6n, 224],
      ["fd_write", 1, 16, 3, 228],
    ],
    { memory: { ...root, 16: vectors, 300: "a\\c3\\a9", 320: "\\e2\\82\\acxy" } },
  );
  assert.deepEqual(errnos, [OK, OK, OK, OK, OK, OK, OK]);
  assert.equal(memory.getUint32(204, true), 8);
  assert.equal(memory.getUint32(208, true), 3);
  assert.equal(memory.getUint32(212, true), 11);
  // The last buffer starts with the third byte of the euro sign.
  const last = Buffer.from(memory.buffer, memory.byteOffset + 420, 6);
  assert.equal(last.toString("hex"), "ac787961c3a9");
  assert.equal(memory.getUint32(224, true), 5);
  assert.equal(text(400, 2), "xy");
  assert.equal(text(410, 3), "aé");
  assert.equal(Buffer.from(stdout).toString(), "aé€xy");
});

test("vectors that lie outside of memory are a fault, and too many of them invalid", async () => {
  const { errnos } = await runScript(
    [
      ["fd_write", 1, 131_068, 1, 0],
      ["fd_write", 1, 0, 1025, 0],
      ["fd_write", 1, 0, -1, 0],
      ["fd_write", 1, 16, 1, 0],
      ["fd_write", 1, 24, 1, -4],
      ["fd_read", 0, 16, 1, 0],
      ["fd_pread", 3, 24, 1, 0n, 0],
    ],
    { memory: { 16: words(131_000, 1000), 24: words(0, 4) } },
  );
  assert.deepEqual(errnos, [FAULT, INVAL, INVAL, FAULT, FAULT, FAULT, BADF]);
});

test("seek and tell know all three origins, and refuse to go before the start", async () => {
  const { errnos, memory } = await runScript(
    [
      open(4),
      ["fd_write", "@200", 16, 1, 204],
      ["fd_seek", "@200", -2n, wasi.WHENCE_END, 300],
      ["fd_seek", "@200", 1n, wasi.WHENCE_CUR, 308],
      ["fd_tell", "@200", 316],
      ["fd_seek", "@200", -1n, wasi.WHENCE_SET, 324],
      ["fd_seek", "@200", 0n, 3, 324],
      ["fd_seek", "@200", 100n, wasi.WHENCE_END, 332],
      ["fd_seek", 1, 0n, wasi.WHENCE_SET, 324],
      ["fd_tell", 1, 324],
      ["fd_seek", 3, 0n, wasi.WHENCE_SET, 324],
    ],
    { memory: { ...root, 16: words(400, 5), 400: "hello" } },
  );
  assert.deepEqual(errnos, [
    OK,
    OK,
    OK,
    OK,
    OK,
    INVAL,
    INVAL,
    OK,
    wasi.ERRNO_SPIPE,
    wasi.ERRNO_SPIPE,
    BADF,
  ]);
  assert.deepEqual(
    [300, 308, 316, 332].map((at) => memory.getBigUint64(at, true)),
    [3n, 4n, 4n, 105n],
  );
});

test("wasi_unstable counts whence otherwise: cur, end, set", async () => {
  const { errnos, memory } = await runScript(
    [
      open(4),
      ["fd_write", "@200", 16, 1, 204],
      ["fd_seek", "@200", 2n, 2, 300],
      ["fd_seek", "@200", 1n, 0, 308],
      ["fd_seek", "@200", -1n, 1, 316],
    ],
    { module: "wasi_unstable", memory: { ...root, 16: words(400, 5), 400: "hello" } },
  );
  assert.deepEqual(errnos, [OK, OK, OK, OK, OK]);
  assert.deepEqual(
    [300, 308, 316].map((at) => memory.getBigUint64(at, true)),
    [2n, 3n, 4n],
  );
});

test("filestat has 64 bytes in preview1 and 56 in wasi_unstable", async () => {
  const steps: Step[] = [
    open(4),
    ["fd_write", "@200", 16, 1, 204],
    ["fd_filestat_set_times", "@200", 111n, 222n, wasi.FSTFLAGS_ATIM | wasi.FSTFLAGS_MTIM],
    ["fd_filestat_get", "@200", 304],
    ["path_filestat_get", 3, 0, 100, 4, 404],
  ];
  const memory = { ...root, 16: words(400, 5) };
  const now = await runScript(steps, { memory });
  assert.deepEqual(now.errnos, [OK, OK, OK, OK, OK]);
  for (const at of [304, 404]) {
    assert.equal(now.memory.getUint8(at + 16), wasi.FILETYPE_REGULAR_FILE);
    const fields = [24, 32, 40, 48].map((offset) => now.memory.getBigUint64(at + offset, true));
    assert.deepEqual(fields, [1n, 5n, 111n, 222n]);
    assert.ok(now.memory.getBigUint64(at + 56, true) > 10n ** 18n);
  }
  const old = await runScript(steps, { memory, module: "wasi_unstable" });
  assert.equal(old.memory.getUint32(304 + 20, true), 1);
  assert.deepEqual(
    [24, 32, 40].map((offset) => old.memory.getBigUint64(304 + offset, true)),
    [5n, 111n, 222n],
  );
  assert.equal(old.memory.getUint32(304 + 56, true), 0);
});

test("sizes, allocation and advice", async () => {
  const { errnos, memory } = await runScript(
    [
      open(4),
      ["fd_filestat_set_size", "@200", 10n],
      ["fd_allocate", "@200", 8n, 4n],
      ["fd_allocate", "@200", 0n, 4n],
      ["fd_filestat_get", "@200", 304],
      ["fd_filestat_set_size", "@200", -1n],
      ["fd_filestat_set_size", "@200", 1n << 62n],
      ["fd_allocate", "@200", 0n, 0n],
      ["fd_advise", "@200", 0n, 5n, wasi.ADVICE_WILLNEED],
      ["fd_advise", "@200", 0n, 5n, 6],
      ["fd_filestat_set_size", 3, 1n],
      ["fd_filestat_set_size", 99, 1n],
    ],
    { memory: root },
  );
  const expected = [OK, OK, OK, OK, OK, INVAL, wasi.ERRNO_FBIG, INVAL, OK, INVAL, BADF, BADF];
  assert.deepEqual(errnos, expected);
  assert.equal(memory.getBigUint64(336, true), 12n);
});

test("fdstat tells type, flags and rights; rights are only given up", async () => {
  const { errnos, memory } = await runScript(
    [
      ["path_open", 3, 0, 100, 4, CREATE, ALL, ALL, wasi.FDFLAGS_APPEND, 200],
      ["fd_fdstat_get", "@200", 304],
      ["fd_fdstat_set_flags", "@200", wasi.FDFLAGS_NONBLOCK],
      ["fd_fdstat_set_flags", "@200", 64],
      ["fd_fdstat_set_rights", "@200", BigInt(wasi.RIGHTS_FD_READ), 0n],
      ["fd_fdstat_set_rights", "@200", ALL, 0n],
      ["fd_fdstat_get", "@200", 328],
      ["fd_write", "@200", 16, 1, 0],
      ["fd_filestat_set_size", "@200", 4n],
      ["fd_fdstat_set_flags", "@200", 0],
      ["fd_fdstat_get", 1, 352],
      ["fd_fdstat_get", 3, 376],
    ],
    { memory: root, terminal: { stdout: true } },
  );
  const no = wasi.ERRNO_NOTCAPABLE;
  assert.deepEqual(errnos, [OK, OK, OK, INVAL, OK, no, OK, BADF, no, no, OK, OK]);
  assert.equal(memory.getUint8(304), wasi.FILETYPE_REGULAR_FILE);
  assert.equal(memory.getUint16(306, true), wasi.FDFLAGS_APPEND);
  assert.equal(memory.getUint16(330, true), wasi.FDFLAGS_NONBLOCK);
  assert.equal(memory.getBigUint64(336, true), BigInt(wasi.RIGHTS_FD_READ));
  assert.equal(memory.getUint8(352), wasi.FILETYPE_CHARACTER_DEVICE);
  assert.equal(memory.getUint8(376), wasi.FILETYPE_DIRECTORY);
});

test("prestat names the directories a program is given", async () => {
  const { errnos, memory, text } = await runScript([
    ["fd_prestat_get", 3, 0],
    ["fd_prestat_dir_name", 3, 16, 1],
    ["fd_prestat_dir_name", 3, 16, 0],
    ["fd_prestat_get", 4, 8],
    ["fd_prestat_get", 5, 8],
    ["fd_prestat_get", 1, 8],
  ]);
  assert.deepEqual(errnos, [OK, OK, wasi.ERRNO_NAMETOOLONG, BADF, BADF, BADF]);
  assert.deepEqual([memory.getUint32(0, true), memory.getUint32(4, true)], [0, 1]);
  assert.equal(text(16, 1), "/");
});

test("renumber moves a descriptor and closes the other; close frees the lowest number", async () => {
  const { errnos, memory, stdout } = await runScript(
    [
      open(4, CREATE, 200),
      open(4, 0, 204),
      ["fd_renumber", "@200", "@204"],
      ["fd_write", "@204", 16, 1, 212],
      ["fd_write", "@200", 16, 1, 212],
      ["fd_renumber", "@204", 1],
      ["fd_write", 1, 16, 1, 212],
      open(4, 0, 208),
      ["fd_renumber", 1, 99],
      ["fd_renumber", 1, 1],
      ["fd_close", 1],
      ["fd_close", 1],
      ["fd_close", -1],
    ],
    { memory: { ...root, 16: words(400, 2), 400: "hi" } },
  );
  assert.deepEqual(errnos, [OK, OK, OK, OK, BADF, OK, OK, OK, BADF, OK, OK, BADF, BADF]);
  assert.equal(stdout.length, 0);
  assert.equal(memory.getUint32(208, true), memory.getUint32(200, true));
});

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

test("sockets are none, and signals that end a process end it", async () => {
  const { errnos } = await runScript([
    ["sock_shutdown", 1, 0],
    ["sock_recv", 1, 0, 0, 0, 0, 0],
    ["sock_send", 99, 0, 0, 0, 0],
    ["sock_accept", 3, 0, 0],
    ["sched_yield"],
    ["proc_raise", wasi.SIGNAL_NONE],
    ["proc_raise", 99],
  ]);
  const no = wasi.ERRNO_NOTSOCK;
  assert.deepEqual(errnos, [no, no, BADF, no, OK, OK, INVAL]);
});
