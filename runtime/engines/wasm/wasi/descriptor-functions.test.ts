import assert from "node:assert/strict";
import { test } from "node:test";
import { wasi } from "@bjorn3/browser_wasi_shim";
import { ALL_KNOWN as ALL, openStep as open, runScript, type Step, words } from "./testing.ts";

const { ERRNO_SUCCESS: OK, ERRNO_BADF: BADF, ERRNO_FAULT: FAULT, ERRNO_INVAL: INVAL } = wasi;
const CREATE = wasi.OFLAGS_CREAT;

const root = { 100: "file" };

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
