import { wasi } from "@bjorn3/browser_wasi_shim";
import { encodeUtf8 } from "../guest-memory.ts";
import { type Descriptor, statOf } from "./descriptor.ts";
import { DirectoryNode, FileNode, LinkNode, unlinkNode } from "./file-tree.ts";
import type { Dialect } from "./layouts.ts";
import { openPath } from "./open-path.ts";
import type { WasiProcess } from "./process.ts";
import { rename } from "./rename.ts";
import { existing, parentOf, type Resolved, resolvePath } from "./resolve-path.ts";
import { setTimes } from "./set-times.ts";
import { fail } from "./wasi-error.ts";
import type { WasiFunctions } from "./wasi-function.ts";

const FOLLOW = 1;
const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function readPath(process: WasiProcess, pointer: number, length: number): string {
  const bytes = process.memory.slice(pointer, length);
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return fail(wasi.ERRNO_ILSEQ);
  }
}

/** Nothing may be there, and only directories are made under names that end with a slash. */
function checkFree(resolved: Resolved): void {
  if (resolved.node) {
    existing(resolved);
    fail(wasi.ERRNO_EXIST);
  }
  if (resolved.slash) fail(wasi.ERRNO_NOENT);
}

/** `path_*`: what is done to files by their names. */
export function pathFunctions(dialect: Dialect): WasiFunctions {
  return { ...openFunctions, ...changeFunctions, ...linkFunctions, ...statFunctions(dialect) };
}

const openFunctions: WasiFunctions = {
  path_open: {
    params: "iiiiillii",
    waits: true,
    run(
      process,
      fd: number,
      lookup: number,
      pointer: number,
      length: number,
      open: number,
      rights: bigint,
      inheriting: bigint,
      flags: number,
      out: number,
    ) {
      const from = process.descriptors.directory(fd, wasi.RIGHTS_PATH_OPEN);
      const path = readPath(process, pointer, length);
      process.memory.check(out, 4);
      const done = (descriptor: Descriptor) =>
        process.memory.setU32(out, process.descriptors.add(descriptor));
      const write = (rights & BigInt(wasi.RIGHTS_FD_WRITE)) !== 0n;
      const special = process.options.openVirtual?.(path, write);
      if (special instanceof Promise) return process.wait(special).then(done);
      const follow = (lookup & FOLLOW) !== 0;
      return done(special ?? openPath(from, path, { follow, open, rights, inheriting, flags }));
    },
  },
};

const changeFunctions: WasiFunctions = {
  path_create_directory: {
    params: "iii",
    run(process, fd: number, pointer: number, length: number) {
      const from = process.descriptors.directory(fd, wasi.RIGHTS_PATH_CREATE_DIRECTORY);
      const resolved = resolvePath(from.directory, readPath(process, pointer, length), false);
      if (resolved.node) fail(wasi.ERRNO_EXIST);
      const parent = parentOf(resolved, wasi.ERRNO_EXIST);
      parent.put(resolved.name, new DirectoryNode(parent.tree, parent));
    },
  },
  path_remove_directory: {
    params: "iii",
    run(process, fd: number, pointer: number, length: number) {
      const from = process.descriptors.directory(fd, wasi.RIGHTS_PATH_REMOVE_DIRECTORY);
      const resolved = resolvePath(from.directory, readPath(process, pointer, length), false);
      const node = existing(resolved);
      if (!(node instanceof DirectoryNode)) return fail(wasi.ERRNO_NOTDIR);
      if (node.contents.size > 0) fail(wasi.ERRNO_NOTEMPTY);
      unlinkNode(parentOf(resolved, wasi.ERRNO_INVAL), resolved.name, node);
    },
  },
  path_unlink_file: {
    params: "iii",
    run(process, fd: number, pointer: number, length: number) {
      const from = process.descriptors.directory(fd, wasi.RIGHTS_PATH_UNLINK_FILE);
      const resolved = resolvePath(from.directory, readPath(process, pointer, length), false);
      const node = existing(resolved);
      if (node instanceof DirectoryNode) fail(wasi.ERRNO_ISDIR);
      unlinkNode(parentOf(resolved, wasi.ERRNO_ISDIR), resolved.name, node);
    },
  },
  path_rename: {
    params: "iiiiii",
    run(process, fd: number, old: number, oldLength: number, toFd: number, to: number, n: number) {
      const from = process.descriptors.directory(fd, wasi.RIGHTS_PATH_RENAME_SOURCE);
      const target = process.descriptors.directory(toFd, wasi.RIGHTS_PATH_RENAME_TARGET);
      rename(
        resolvePath(from.directory, readPath(process, old, oldLength), false),
        resolvePath(target.directory, readPath(process, to, n), false),
      );
    },
  },
};

const linkFunctions: WasiFunctions = {
  path_link: {
    params: "iiiiiii",
    run(
      process,
      fd: number,
      lookup: number,
      old: number,
      oldLength: number,
      toFd: number,
      to: number,
      toLength: number,
    ) {
      const from = process.descriptors.directory(fd, wasi.RIGHTS_PATH_LINK_SOURCE);
      const target = process.descriptors.directory(toFd, wasi.RIGHTS_PATH_LINK_TARGET);
      const follow = (lookup & FOLLOW) !== 0;
      const node = existing(resolvePath(from.directory, readPath(process, old, oldLength), follow));
      if (node instanceof DirectoryNode) fail(wasi.ERRNO_PERM);
      const resolved = resolvePath(target.directory, readPath(process, to, toLength), false);
      checkFree(resolved);
      const parent = parentOf(resolved, wasi.ERRNO_EXIST);
      if (node instanceof FileNode && !node.belongsTo(parent.tree)) fail(wasi.ERRNO_XDEV);
      parent.put(resolved.name, node);
      node.facts.nlink += 1n;
    },
  },
  path_symlink: {
    params: "iiiii",
    run(process, old: number, oldLength: number, fd: number, pointer: number, length: number) {
      const from = process.descriptors.directory(fd, wasi.RIGHTS_PATH_SYMLINK);
      const target = readPath(process, old, oldLength);
      if (target === "") fail(wasi.ERRNO_NOENT);
      // Links may not lead out of what the program was given.
      if (target.startsWith("/")) fail(wasi.ERRNO_NOTCAPABLE);
      if (target.length > 4096) fail(wasi.ERRNO_NAMETOOLONG);
      const resolved = resolvePath(from.directory, readPath(process, pointer, length), false);
      checkFree(resolved);
      const parent = parentOf(resolved, wasi.ERRNO_EXIST);
      parent.put(resolved.name, new LinkNode(parent.tree, target));
    },
  },
  path_readlink: {
    params: "iiiiii",
    run(
      process,
      fd: number,
      pointer: number,
      length: number,
      out: number,
      room: number,
      used: number,
    ) {
      const from = process.descriptors.directory(fd, wasi.RIGHTS_PATH_READLINK);
      const path = readPath(process, pointer, length);
      const node = existing(resolvePath(from.directory, path, false));
      if (!(node instanceof LinkNode)) return fail(wasi.ERRNO_INVAL);
      const target = encodeUtf8(node.target).subarray(0, room >>> 0);
      process.memory.write(out, target);
      process.memory.setU32(used, target.length);
    },
  },
};

function statFunctions(dialect: Dialect): WasiFunctions {
  return {
    path_filestat_get: {
      params: "iiiii",
      run(process, fd: number, lookup: number, pointer: number, length: number, out: number) {
        const from = process.descriptors.directory(fd, wasi.RIGHTS_PATH_FILESTAT_GET);
        const path = readPath(process, pointer, length);
        const node = existing(resolvePath(from.directory, path, (lookup & FOLLOW) !== 0));
        dialect.writeFileStat(process.memory, out >>> 0, statOf(node));
      },
    },
    path_filestat_set_times: {
      params: "iiiilli",
      run(
        process,
        fd: number,
        lookup: number,
        pointer: number,
        length: number,
        atim: bigint,
        mtim: bigint,
        flags: number,
      ) {
        const from = process.descriptors.directory(fd, wasi.RIGHTS_PATH_FILESTAT_SET_TIMES);
        const path = readPath(process, pointer, length);
        const node = existing(resolvePath(from.directory, path, (lookup & FOLLOW) !== 0));
        setTimes(node.facts, { atim, mtim }, flags);
      },
    },
  };
}
