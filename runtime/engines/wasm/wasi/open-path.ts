import { wasi } from "@bjorn3/browser_wasi_shim";
import type { Descriptor } from "./descriptor.ts";
import { DirectoryDescriptor } from "./directory-descriptor.ts";
import { FileDescriptor } from "./file-descriptor.ts";
import { DirectoryNode, FileNode, LinkNode, type Node } from "./file-tree.ts";
import { existing, parentOf, type Resolved, resolvePath } from "./resolve-path.ts";
import { DIRECTORY_RIGHTS, FILE_RIGHTS } from "./rights.ts";
import { fail } from "./wasi-error.ts";

const WRITE = BigInt(wasi.RIGHTS_FD_WRITE);

/** The arguments of `path_open` that are not addresses. */
interface OpenOptions {
  readonly follow: boolean;
  /** `OFLAGS_*` */
  readonly open: number;
  readonly rights: bigint;
  readonly inheriting: bigint;
  /** `FDFLAGS_*` */
  readonly flags: number;
}

/** Opens, and if asked to creates or empties, what a path names. */
export function openPath(from: Descriptor, path: string, options: OpenOptions): Descriptor {
  const { open } = options;
  const resolved = resolvePath(from.directory, path, options.follow);
  if (open & wasi.OFLAGS_CREAT && open & wasi.OFLAGS_DIRECTORY) fail(wasi.ERRNO_INVAL);
  const node = resolved.node ? checkedNode(resolved, options) : create(from, resolved, options);
  if (open & wasi.OFLAGS_TRUNC) empty(from, node);
  const descriptor = describe(from, node, options);
  descriptor.flags = options.flags;
  return descriptor;
}

function checkedNode(resolved: Resolved, options: OpenOptions): Node {
  const { open } = options;
  if (open & wasi.OFLAGS_CREAT && open & wasi.OFLAGS_EXCL) fail(wasi.ERRNO_EXIST);
  const node = existing(resolved);
  if (node instanceof LinkNode) fail(wasi.ERRNO_LOOP);
  if (open & wasi.OFLAGS_DIRECTORY && !(node instanceof DirectoryNode)) fail(wasi.ERRNO_NOTDIR);
  if (node instanceof DirectoryNode && (options.rights & WRITE) !== 0n) fail(wasi.ERRNO_ISDIR);
  return node;
}

function create(from: Descriptor, resolved: Resolved, options: OpenOptions): Node {
  if ((options.open & wasi.OFLAGS_CREAT) === 0) fail(wasi.ERRNO_NOENT);
  if ((from.rights & BigInt(wasi.RIGHTS_PATH_CREATE_FILE)) === 0n) fail(wasi.ERRNO_NOTCAPABLE);
  if (resolved.slash) fail(wasi.ERRNO_ISDIR);
  const parent = parentOf(resolved, wasi.ERRNO_ISDIR);
  const file = new FileNode(parent.tree);
  parent.put(resolved.name, file);
  return file;
}

function empty(from: Descriptor, node: Node): void {
  if ((from.rights & BigInt(wasi.RIGHTS_PATH_FILESTAT_SET_SIZE)) === 0n) {
    fail(wasi.ERRNO_NOTCAPABLE);
  }
  const file = node instanceof FileNode ? node : fail(wasi.ERRNO_ISDIR);
  file.resize(0);
  file.facts.touch();
}

function describe(from: Descriptor, node: Node, options: OpenOptions): Descriptor {
  const rights = BigInt.asUintN(64, options.rights) & from.inheriting;
  const inheriting = BigInt.asUintN(64, options.inheriting) & from.inheriting;
  if (node instanceof FileNode) return new FileDescriptor(node, rights & FILE_RIGHTS, inheriting);
  if (node instanceof DirectoryNode) {
    return new DirectoryDescriptor(node, rights & DIRECTORY_RIGHTS, inheriting);
  }
  return fail(wasi.ERRNO_LOOP);
}
