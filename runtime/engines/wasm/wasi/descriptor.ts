import { wasi } from "@bjorn3/browser_wasi_shim";
import type { DirectoryNode, Node } from "./file-tree.ts";
import { fail } from "./wasi-error.ts";

/** What `fd_filestat_get` and `path_filestat_get` tell; times in nanoseconds. */
export interface FileStat {
  readonly ino: bigint;
  readonly filetype: number;
  readonly nlink: bigint;
  readonly size: bigint;
  readonly atim: bigint;
  readonly mtim: bigint;
  readonly ctim: bigint;
}

/** Facts of what stands in a file tree. */
export function statOf(node: Node): FileStat {
  const { atim, mtim, ctim, nlink } = node.facts;
  const { size } = node.stat();
  return { ino: node.ino, filetype: node.filetype, nlink, size, atim, mtim, ctim };
}

/**
 * An open file, directory or stream. What a kind cannot do answers as POSIX does: each overrides
 * what it can. Reads and writes may answer promises; then the guest waits.
 */
export abstract class Descriptor {
  abstract readonly filetype: number;
  flags = 0;
  rights: bigint;
  inheriting: bigint;
  /** Name under which a directory is given to the program. */
  preopen: string | undefined;

  constructor(rights: bigint, inheriting = 0n) {
    this.rights = rights;
    this.inheriting = inheriting;
  }

  /** The directory, of descriptors that are one. */
  get directory(): DirectoryNode {
    return fail(wasi.ERRNO_NOTDIR);
  }

  /** The file or directory, of descriptors that have one. */
  get node(): Node | undefined {
    return undefined;
  }

  stat(): FileStat {
    const nothing = { nlink: 1n, size: 0n, atim: 0n, mtim: 0n, ctim: 0n };
    return { ino: 0n, filetype: this.filetype, ...nothing };
  }

  /** Next bytes, at most `max`; none at the end. They may be views of what they come from. */
  read(_max: number): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    return fail(wasi.ERRNO_BADF);
  }

  readAt(_max: number, _offset: bigint): Uint8Array {
    return fail(wasi.ERRNO_SPIPE);
  }

  /** Takes all bytes, which it may keep. */
  write(_bytes: Uint8Array): void | Promise<void> {
    return fail(wasi.ERRNO_BADF);
  }

  writeAt(_bytes: Uint8Array, _offset: bigint): void {
    fail(wasi.ERRNO_SPIPE);
  }

  /** New position, from the whence values of preview1. */
  seek(_offset: bigint, _whence: number): bigint {
    return fail(wasi.ERRNO_SPIPE);
  }

  tell(): bigint {
    return fail(wasi.ERRNO_SPIPE);
  }

  setSize(_size: bigint): void {
    fail(wasi.ERRNO_INVAL);
  }

  allocate(_offset: bigint, _length: bigint): void {
    fail(wasi.ERRNO_SPIPE);
  }

  /** Bytes that can be read without waiting; "end" at the end. */
  readable(): Readiness | Promise<Readiness> {
    return 1;
  }

  sync(): void | Promise<void> {}

  close(): void | Promise<void> {}
}

/** Bytes that can be read, or that there will be none any more. */
export type Readiness = number | "end";
