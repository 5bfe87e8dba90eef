import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { isAbsolute, join } from "node:path";
import { MocError } from "../../protocol/errors.ts";
import { DirectoryNode, FileNode, type FileTree, InodeFacts, LinkNode } from "./wasi/file-tree.ts";
import { WasiError } from "./wasi/wasi-error.ts";

/** What a name was when it was copied: to find out later what the program changed. */
type Original = { readonly node: FileNode; readonly mtim: bigint } | "directory" | "link";

/** A copy in memory of a folder of this machine. */
export interface HostFolder {
  readonly path: string;
  readonly tree: FileTree;
  /** By path within the folder. */
  readonly originals: ReadonlyMap<string, Original>;
}

/**
 * Copies a folder into memory. Symbolic links stay links; what is neither file, folder nor link
 * (sockets, devices) is left out.
 *
 * @throws MOC_NOT_FOUND when there is no such folder, MOC_TOO_LARGE when it does not fit
 */
export function readHostFolder(path: string, tree: FileTree): HostFolder {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) {
    throw new MocError("MOC_NOT_FOUND", `${path} is not a folder; check the --dir option`);
  }
  const originals = new Map<string, Original>();
  try {
    readInto(path, "", tree.root, originals);
  } catch (error) {
    if (!(error instanceof WasiError)) throw error;
    throw new MocError(
      "MOC_TOO_LARGE",
      `${path} is too large to be copied into memory; give a smaller folder, or raise --memory`,
    );
  }
  return { path, tree, originals };
}

function readInto(
  root: string,
  within: string,
  directory: DirectoryNode,
  originals: Map<string, Original>,
): void {
  const { tree } = directory;
  for (const entry of readdirSync(join(root, within), { withFileTypes: true })) {
    const name = join(within, entry.name);
    const path = join(root, name);
    if (entry.isDirectory()) {
      const child = new DirectoryNode(tree, directory);
      directory.put(entry.name, child);
      originals.set(name, "directory");
      readInto(root, name, child, originals);
    } else if (entry.isSymbolicLink()) {
      directory.put(entry.name, new LinkNode(tree, readlinkSync(path)));
      originals.set(name, "link");
    } else if (entry.isFile()) {
      const { mtimeNs, atimeNs } = statSync(path, { bigint: true });
      const facts = new InodeFacts(mtimeNs);
      facts.atim = atimeNs;
      const node = new FileNode(tree, new Uint8Array(readFileSync(path)), facts);
      directory.put(entry.name, node);
      originals.set(name, { node, mtim: mtimeNs });
    }
  }
}

/**
 * Carries the program's changes back: new and changed files, new folders and links, and what it
 * deleted. Nothing is written through a symbolic link, so that nothing outside can be reached.
 */
export function writeHostFolder(folder: HostFolder): void {
  const kept = new Set<string>();
  collect(folder.tree.root, "", kept);
  const gone = [...folder.originals.keys()].filter((name) => !kept.has(name));
  for (const name of gone.reverse())
    rmSync(join(folder.path, name), { recursive: true, force: true });
  writeFrom(folder, "", folder.tree.root);
}

function collect(directory: DirectoryNode, within: string, into: Set<string>): void {
  for (const [name, node] of directory.contents) {
    const path = join(within, name);
    into.add(path);
    if (node instanceof DirectoryNode) collect(node, path, into);
  }
}

function writeFrom(folder: HostFolder, within: string, directory: DirectoryNode): void {
  for (const [entry, node] of directory.contents) {
    const name = join(within, entry);
    const path = join(folder.path, name);
    const original = folder.originals.get(name);
    if (node instanceof DirectoryNode) {
      clearUnless(path, "directory");
      mkdirSync(path, { recursive: true });
      writeFrom(folder, name, node);
    } else if (node instanceof LinkNode) {
      if (original !== "link") writeLink(path, node);
    } else if (!isUnchanged(original, node)) {
      clearUnless(path, "file");
      writeFileSync(path, node.data);
    }
  }
}

function isUnchanged(original: Original | undefined, node: FileNode): boolean {
  return (
    typeof original === "object" && original.node === node && original.mtim === node.facts.mtim
  );
}

function writeLink(path: string, node: LinkNode): void {
  if (isAbsolute(node.target)) return;
  rmSync(path, { recursive: true, force: true });
  symlinkSync(node.target, path);
}

/** Takes away what stands in the way, links above all. */
function clearUnless(path: string, wanted: "file" | "directory"): void {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat) return;
  const fits = wanted === "file" ? stat.isFile() : stat.isDirectory();
  if (!fits) rmSync(path, { recursive: true, force: true });
}
