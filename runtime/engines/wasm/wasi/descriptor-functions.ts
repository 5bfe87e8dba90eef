import { wasi } from "@bjorn3/browser_wasi_shim";
import { encodeUtf8 } from "../guest-memory.ts";
import { statOf } from "./descriptor.ts";
import { gather, scatter } from "./io-vectors.ts";
import type { Dialect } from "./layouts.ts";
import { setTimes } from "./set-times.ts";
import { fail } from "./wasi-error.ts";
import type { WasiFunctions } from "./wasi-function.ts";

const FLAGS_KNOWN = 0b11111;
const DIRENT_BYTES = 24;

/** `fd_*`: what is done to open files, directories and streams. */
export function descriptorFunctions(dialect: Dialect): WasiFunctions {
  return { ...transferFunctions, ...positionFunctions(dialect), ...factFunctions(dialect) };
}

const transferFunctions: WasiFunctions = {
  fd_read: {
    params: "iiii",
    waits: true,
    run(process, fd: number, vectors: number, count: number, out: number) {
      const descriptor = process.descriptors.get(fd);
      if (descriptor.filetype === wasi.FILETYPE_DIRECTORY) fail(wasi.ERRNO_ISDIR);
      if (!canDo(descriptor.rights, wasi.RIGHTS_FD_READ)) fail(wasi.ERRNO_BADF);
      const { memory } = process;
      const room = scatter(memory, vectors, count);
      memory.check(out, 4);
      const bytes = descriptor.read(room.room);
      if (!(bytes instanceof Promise)) return memory.setU32(out, room.put(bytes));
      return process.wait(bytes).then((arrived) => memory.setU32(out, room.put(arrived)));
    },
  },
  fd_write: {
    params: "iiii",
    waits: true,
    run(process, fd: number, vectors: number, count: number, out: number) {
      const descriptor = process.descriptors.get(fd);
      if (!canDo(descriptor.rights, wasi.RIGHTS_FD_WRITE)) fail(wasi.ERRNO_BADF);
      const { memory } = process;
      const bytes = gather(memory, vectors, count);
      memory.check(out, 4);
      const written = descriptor.write(bytes);
      if (!written) return memory.setU32(out, bytes.length);
      return process.wait(written).then(() => memory.setU32(out, bytes.length));
    },
  },
  fd_pread: {
    params: "iiili",
    run(
      { memory, descriptors },
      fd: number,
      vectors: number,
      count: number,
      at: bigint,
      out: number,
    ) {
      const descriptor = descriptors.get(fd);
      if (descriptor.filetype === wasi.FILETYPE_REGULAR_FILE) {
        if (!canDo(descriptor.rights, wasi.RIGHTS_FD_READ)) fail(wasi.ERRNO_BADF);
      }
      const room = scatter(memory, vectors, count);
      memory.setU32(out, room.put(descriptor.readAt(room.room, at)));
    },
  },
  fd_pwrite: {
    params: "iiili",
    run(
      { memory, descriptors },
      fd: number,
      vectors: number,
      count: number,
      at: bigint,
      out: number,
    ) {
      const descriptor = descriptors.get(fd);
      if (descriptor.filetype === wasi.FILETYPE_REGULAR_FILE) {
        if (!canDo(descriptor.rights, wasi.RIGHTS_FD_WRITE)) fail(wasi.ERRNO_BADF);
      }
      const bytes = gather(memory, vectors, count);
      memory.check(out, 4);
      descriptor.writeAt(bytes, at);
      memory.setU32(out, bytes.length);
    },
  },
  fd_readdir: {
    params: "iiili",
    run(process, fd: number, pointer: number, length: number, cookie: bigint, out: number) {
      const { directory } = process.descriptors.directory(fd, wasi.RIGHTS_FD_READDIR);
      const room = process.memory.slice(pointer, length);
      let used = 0;
      for (const entry of directory.entriesAfter(cookie)) {
        if (used >= room.length) break;
        const name = encodeUtf8(entry.name);
        const record = new Uint8Array(DIRENT_BYTES + name.length);
        const view = new DataView(record.buffer);
        view.setBigUint64(0, entry.cookie, true);
        view.setBigUint64(8, entry.node.ino, true);
        view.setUint32(16, name.length, true);
        view.setUint8(20, entry.node.filetype);
        record.set(name, DIRENT_BYTES);
        // The last record is cut at the end of the room: that tells the guest to ask again.
        const part = record.subarray(0, room.length - used);
        room.set(part, used);
        used += part.length;
      }
      process.memory.setU32(out, used);
    },
  },
  fd_close: {
    params: "i",
    waits: true,
    run(process, fd: number) {
      return process.whenDone(process.descriptors.remove(fd).close());
    },
  },
  fd_renumber: {
    params: "ii",
    waits: true,
    run(process, from: number, to: number) {
      return process.whenDone(process.descriptors.renumber(from, to)?.close());
    },
  },
  fd_sync: { params: "i", waits: true, run: syncWith(wasi.RIGHTS_FD_SYNC) },
  fd_datasync: { params: "i", waits: true, run: syncWith(wasi.RIGHTS_FD_DATASYNC) },
};

function syncWith(right: number): (typeof transferFunctions)[string]["run"] {
  return (process, fd) => process.whenDone(process.descriptors.with(Number(fd), right).sync());
}

function canDo(rights: bigint, right: number): boolean {
  return (rights & BigInt(right)) !== 0n;
}

function positionFunctions(dialect: Dialect): WasiFunctions {
  return {
    fd_seek: {
      params: "ilii",
      run({ memory, descriptors }, fd: number, offset: bigint, given: number, out: number) {
        const whence = dialect.whence(given >>> 0) ?? fail(wasi.ERRNO_INVAL);
        const descriptor = descriptors.get(fd);
        memory.check(out, 8);
        memory.setU64(out, descriptor.seek(offset, whence));
      },
    },
    fd_tell: {
      params: "ii",
      run: ({ memory, descriptors }, fd: number, out: number) =>
        memory.setU64(out, descriptors.get(fd).tell()),
    },
    fd_allocate: {
      params: "ill",
      run({ descriptors }, fd: number, offset: bigint, length: bigint) {
        const descriptor = descriptors.get(fd);
        if (offset < 0n || length < 0n) fail(wasi.ERRNO_FBIG);
        if (!canDo(descriptor.rights, wasi.RIGHTS_FD_WRITE)) fail(wasi.ERRNO_BADF);
        descriptor.allocate(offset, length);
      },
    },
    fd_advise: {
      params: "illi",
      run({ descriptors }, fd: number, offset: bigint, length: bigint, advice: number) {
        const descriptor = descriptors.get(fd);
        if (advice >>> 0 > wasi.ADVICE_NOREUSE || offset < 0n || length < 0n) {
          fail(wasi.ERRNO_INVAL);
        }
        if (descriptor.filetype === wasi.FILETYPE_DIRECTORY) fail(wasi.ERRNO_BADF);
        if (descriptor.filetype !== wasi.FILETYPE_REGULAR_FILE) fail(wasi.ERRNO_SPIPE);
      },
    },
    fd_filestat_set_size: {
      params: "il",
      run({ descriptors }, fd: number, size: bigint) {
        const descriptor = descriptors.get(fd);
        if (descriptor.filetype === wasi.FILETYPE_REGULAR_FILE) {
          descriptors.with(fd, wasi.RIGHTS_FD_FILESTAT_SET_SIZE);
        }
        if (size < 0n) fail(wasi.ERRNO_INVAL);
        descriptor.setSize(size);
      },
    },
  };
}

function factFunctions(dialect: Dialect): WasiFunctions {
  return {
    fd_fdstat_get: {
      params: "ii",
      run({ memory, descriptors }, fd: number, out: number) {
        const descriptor = descriptors.get(fd);
        const stat = new wasi.Fdstat(descriptor.filetype, descriptor.flags);
        stat.fs_rights_base = descriptor.rights;
        stat.fs_rights_inherited = descriptor.inheriting;
        const at = memory.check(out, 24);
        memory.bytes.fill(0, at, at + 24);
        stat.write_bytes(memory.view, at);
      },
    },
    fd_fdstat_set_flags: {
      params: "ii",
      run({ descriptors }, fd: number, flags: number) {
        const descriptor = descriptors.with(fd, wasi.RIGHTS_FD_FDSTAT_SET_FLAGS);
        if (flags & ~FLAGS_KNOWN) fail(wasi.ERRNO_INVAL);
        descriptor.flags = flags;
      },
    },
    fd_fdstat_set_rights: {
      params: "ill",
      run({ descriptors }, fd: number, rights: bigint, inheriting: bigint) {
        const descriptor = descriptors.get(fd);
        const base = BigInt.asUintN(64, rights);
        const inherited = BigInt.asUintN(64, inheriting);
        // Rights can only be given up.
        if (base & ~descriptor.rights || inherited & ~descriptor.inheriting) {
          fail(wasi.ERRNO_NOTCAPABLE);
        }
        descriptor.rights = base;
        descriptor.inheriting = inherited;
      },
    },
    fd_filestat_get: {
      params: "ii",
      run({ memory, descriptors }, fd: number, out: number) {
        const descriptor = descriptors.get(fd);
        const { node } = descriptor;
        dialect.writeFileStat(memory, out >>> 0, node ? statOf(node) : descriptor.stat());
      },
    },
    fd_filestat_set_times: {
      params: "illi",
      run({ descriptors }, fd: number, atim: bigint, mtim: bigint, flags: number) {
        const { node } = descriptors.with(fd, wasi.RIGHTS_FD_FILESTAT_SET_TIMES);
        setTimes((node ?? fail(wasi.ERRNO_NOTSUP)).facts, { atim, mtim }, flags);
      },
    },
    fd_prestat_get: {
      params: "ii",
      run({ memory, descriptors }, fd: number, out: number) {
        const name = descriptors.get(fd).preopen ?? fail(wasi.ERRNO_BADF);
        const at = memory.check(out, 8);
        wasi.Prestat.dir(name).write_bytes(memory.view, at);
      },
    },
    fd_prestat_dir_name: {
      params: "iii",
      run({ memory, descriptors }, fd: number, pointer: number, length: number) {
        const name = encodeUtf8(descriptors.get(fd).preopen ?? fail(wasi.ERRNO_BADF));
        if (name.length > length >>> 0) fail(wasi.ERRNO_NAMETOOLONG);
        memory.write(pointer, name);
      },
    },
  };
}
