import { Directory, File, Inode, wasi } from "@bjorn3/browser_wasi_shim";
import { fail } from "./wasi-error.ts";

/** What an entry costs beside its content, so that empty files are not free. */
const ENTRY_BYTES = 256;

/** Unix time in nanoseconds. */
export function nowNs(): bigint {
  return BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n;
}

/** Times of a file, directory or link in nanoseconds, and how many names it has. */
export class InodeFacts {
  atim: bigint;
  mtim: bigint;
  ctim: bigint;
  nlink = 1n;

  constructor(time = nowNs()) {
    this.atim = time;
    this.mtim = time;
    this.ctim = time;
  }

  /** The content changed. */
  touch(): void {
    this.mtim = nowNs();
    this.ctim = this.mtim;
  }
}

/** The files of one process: gives inode numbers, and limits the bytes that they hold together. */
export class FileTree {
  readonly root: DirectoryNode;
  readonly #bytesMax: number;
  #bytes = 0;
  #inode = 1n;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
    this.root = new DirectoryNode(this, undefined);
  }

  nextInode(): bigint {
    return this.#inode++;
  }

  /** Counts bytes that a file takes (or, negative, gives back). */
  account(bytes: number): void {
    if (bytes > 0 && this.#bytes + bytes > this.#bytesMax) fail(wasi.ERRNO_NOSPC);
    this.#bytes += bytes;
  }
}

/** What a name in a directory can stand for. */
export type Node = FileNode | DirectoryNode | LinkNode;

/** A regular file. Its storage grows by doubling; `data` is exactly its content. */
export class FileNode extends File {
  readonly facts: InodeFacts;
  readonly filetype: number = wasi.FILETYPE_REGULAR_FILE;
  readonly #tree: FileTree;
  #opened = 0;

  constructor(tree: FileTree, data = new Uint8Array(0), facts = new InodeFacts()) {
    super(data);
    this.#tree = tree;
    this.ino = tree.nextInode();
    this.facts = facts;
    tree.account(data.byteLength);
  }

  get length(): number {
    return this.data.byteLength;
  }

  resize(length: number): void {
    if (length > Number.MAX_SAFE_INTEGER) fail(wasi.ERRNO_FBIG);
    const { data } = this;
    this.#tree.account(length - data.byteLength);
    if (length <= data.buffer.byteLength - data.byteOffset) {
      this.data = new Uint8Array(data.buffer, data.byteOffset, length);
      if (length > data.byteLength) this.data.fill(0, data.byteLength);
      return;
    }
    const grown = new ArrayBuffer(Math.max(length, Math.min(data.byteLength * 2, 2 ** 30)));
    this.data = new Uint8Array(grown, 0, length);
    this.data.set(data);
  }

  write(bytes: Uint8Array, offset: number): void {
    const end = offset + bytes.length;
    if (bytes.length > 0 && end > this.length) this.resize(end);
    this.data.set(bytes, offset);
    this.facts.touch();
  }

  /** Whether a directory of that tree may name it. */
  belongsTo(tree: FileTree): boolean {
    return this.#tree === tree;
  }

  /** A descriptor refers to it: it takes room even when it has no name any more. */
  hold(): void {
    this.#opened++;
  }

  letGo(): void {
    this.#opened--;
    this.forget();
  }

  /** Gives its room back if nothing refers to it. */
  forget(): void {
    if (this.#opened === 0 && this.facts.nlink === 0n) this.#tree.account(-this.length);
  }
}

/** A directory. Entries have serial numbers, so that reading on after a change is well defined. */
export class DirectoryNode extends Directory {
  declare contents: Map<string, Node>;
  readonly facts = new InodeFacts();
  readonly filetype: number = wasi.FILETYPE_DIRECTORY;
  readonly tree: FileTree;
  /** undefined: it is a root, or was removed. */
  up: DirectoryNode | undefined;
  readonly #serials = new Map<string, bigint>();
  #serial = 2n;

  constructor(tree: FileTree, up: DirectoryNode | undefined) {
    super(new Map());
    this.tree = tree;
    this.ino = tree.nextInode();
    this.up = up;
  }

  put(name: string, node: Node): void {
    this.tree.account(ENTRY_BYTES + name.length);
    this.contents.set(name, node);
    this.#serials.set(name, this.#serial++);
    if (node instanceof DirectoryNode) node.up = this;
    this.facts.touch();
  }

  /** Takes a name away; what it named stays while somebody has it open. */
  drop(name: string): void {
    this.tree.account(-ENTRY_BYTES - name.length);
    this.contents.delete(name);
    this.#serials.delete(name);
    this.facts.touch();
  }

  /** Entries behind a cookie, each with the cookie that leads on from it. */
  *entriesAfter(cookie: bigint): Generator<{ cookie: bigint; name: string; node: Node }> {
    if (cookie < 1n) yield { cookie: 1n, name: ".", node: this };
    if (cookie < 2n) yield { cookie: 2n, name: "..", node: this.up ?? this };
    for (const [name, serial] of this.#serials) {
      const node = this.contents.get(name);
      // A cookie is the serial of the entry after which to go on, plus one: 0 to 2 are taken.
      if (node && serial + 1n > cookie) yield { cookie: serial + 1n, name, node };
    }
  }
}

/** A symbolic link. */
export class LinkNode extends Inode {
  readonly facts = new InodeFacts();
  readonly filetype: number = wasi.FILETYPE_SYMBOLIC_LINK;
  readonly target: string;

  constructor(tree: FileTree, target: string) {
    super();
    this.ino = tree.nextInode();
    this.target = target;
  }

  override path_open() {
    return { ret: wasi.ERRNO_LOOP, fd_obj: null };
  }

  override stat() {
    return new wasi.Filestat(this.ino, this.filetype, BigInt(this.target.length));
  }
}

/** Lets go of one name of a node. */
export function unlinkNode(parent: DirectoryNode, name: string, node: Node): void {
  parent.drop(name);
  node.facts.nlink -= 1n;
  node.facts.ctim = nowNs();
  if (node instanceof FileNode) node.forget();
  if (node instanceof DirectoryNode) node.up = undefined;
}
