import { wasi } from "@bjorn3/browser_wasi_shim";
import { DirectoryNode, type Node, unlinkNode } from "./file-tree.ts";
import { existing, parentOf, type Resolved } from "./resolve-path.ts";
import { fail } from "./wasi-error.ts";

/** Gives a file or directory another name, replacing what has that name if POSIX allows it. */
export function rename(source: Resolved, target: Resolved): void {
  const node = existing(source);
  const from = parentOf(source, wasi.ERRNO_BUSY);
  const to = parentOf(target, wasi.ERRNO_BUSY);
  if (target.slash && !(node instanceof DirectoryNode)) fail(wasi.ERRNO_NOTDIR);
  if (from.tree !== to.tree) fail(wasi.ERRNO_XDEV);
  if (node instanceof DirectoryNode && isWithin(to, node)) fail(wasi.ERRNO_INVAL);
  // Two names of the same file: nothing happens.
  if (target.node === node) return;
  if (target.node) replace(node, to, target.name, target.node);
  from.drop(source.name);
  to.put(target.name, node);
}

function replace(node: Node, parent: DirectoryNode, name: string, replaced: Node): void {
  if (node instanceof DirectoryNode) {
    const directory = replaced instanceof DirectoryNode ? replaced : fail(wasi.ERRNO_NOTDIR);
    if (directory.contents.size > 0) fail(wasi.ERRNO_NOTEMPTY);
  } else if (replaced instanceof DirectoryNode) {
    fail(wasi.ERRNO_ISDIR);
  }
  unlinkNode(parent, name, replaced);
}

function isWithin(directory: DirectoryNode, ancestor: DirectoryNode): boolean {
  for (let at: DirectoryNode | undefined = directory; at; at = at.up) {
    if (at === ancestor) return true;
  }
  return false;
}
