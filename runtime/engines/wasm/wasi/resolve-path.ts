import { wasi } from "@bjorn3/browser_wasi_shim";
import { DirectoryNode, LinkNode, type Node } from "./file-tree.ts";
import { fail } from "./wasi-error.ts";

const LINKS_MAX = 40;
const NAME_BYTES_MAX = 255;
const PATH_BYTES_MAX = 4096;

/** Where a path leads. */
export interface Resolved {
  /** undefined: the path is the directory that it starts from, or one above a part of it. */
  readonly parent: DirectoryNode | undefined;
  readonly name: string;
  /** undefined: nothing has this name. */
  readonly node: Node | undefined;
  /** It ends with a slash. */
  readonly slash: boolean;
}

/**
 * Follows a path from a directory, which it cannot leave: neither by `..`, nor by an absolute path,
 * nor by a symbolic link.
 *
 * @throws WasiError
 */
export function resolvePath(base: DirectoryNode, path: string, follow: boolean): Resolved {
  checkPath(path);
  const way = [base];
  const rest = parts(path).reverse();
  let slash = path.endsWith("/");
  let links = 0;
  for (;;) {
    const name = rest.pop();
    const here = way.at(-1) ?? base;
    if (name === undefined) return { parent: undefined, name: ".", node: here, slash };
    if (name === "..") {
      if (way.length === 1) fail(wasi.ERRNO_NOTCAPABLE);
      way.pop();
      continue;
    }
    if (name.length > NAME_BYTES_MAX) fail(wasi.ERRNO_NAMETOOLONG);
    const node = here.contents.get(name);
    const last = rest.length === 0;
    if (node instanceof LinkNode && (!last || follow || slash)) {
      if (++links > LINKS_MAX) fail(wasi.ERRNO_LOOP);
      checkPath(node.target);
      if (last && node.target.endsWith("/")) slash = true;
      rest.push(...parts(node.target).reverse());
      continue;
    }
    if (last) return { parent: here, name, node, slash };
    if (!node) return fail(wasi.ERRNO_NOENT);
    if (!(node instanceof DirectoryNode)) return fail(wasi.ERRNO_NOTDIR);
    way.push(node);
  }
}

function checkPath(path: string): void {
  if (path === "") fail(wasi.ERRNO_NOENT);
  if (path.includes("\0")) fail(wasi.ERRNO_INVAL);
  if (path.length > PATH_BYTES_MAX) fail(wasi.ERRNO_NAMETOOLONG);
  if (path.startsWith("/")) fail(wasi.ERRNO_NOTCAPABLE);
}

function parts(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}

/** The node at a path, which must be there; a directory if the path ends with a slash. */
export function existing(resolved: Resolved): Node {
  const { node } = resolved;
  if (!node) return fail(wasi.ERRNO_NOENT);
  if (resolved.slash && !(node instanceof DirectoryNode)) return fail(wasi.ERRNO_NOTDIR);
  return node;
}

/** The directory that holds the path's last name; `otherwise` if the path has none. */
export function parentOf(resolved: Resolved, otherwise: number): DirectoryNode {
  const parent = resolved.parent ?? fail(otherwise);
  // It was removed while somebody had it open: nothing can come into it.
  if (parent.facts.nlink === 0n) fail(wasi.ERRNO_NOENT);
  return parent;
}
