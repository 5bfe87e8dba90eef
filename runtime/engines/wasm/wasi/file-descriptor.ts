import { wasi } from "@bjorn3/browser_wasi_shim";
import { Descriptor, type FileStat, type Readiness, statOf } from "./descriptor.ts";
import { type FileNode, nowNs } from "./file-tree.ts";
import { fail } from "./wasi-error.ts";

/** An open regular file. */
export class FileDescriptor extends Descriptor {
  readonly filetype: number = wasi.FILETYPE_REGULAR_FILE;
  readonly #file: FileNode;
  #position = 0;
  #closed = false;

  constructor(file: FileNode, rights: bigint, inheriting = 0n) {
    super(rights, inheriting);
    this.#file = file;
    file.hold();
  }

  override get node(): FileNode {
    return this.#file;
  }

  override stat(): FileStat {
    return statOf(this.#file);
  }

  override read(max: number): Uint8Array {
    const bytes = this.#file.data.subarray(this.#position, this.#position + max);
    this.#position += bytes.length;
    this.#file.facts.atim = nowNs();
    return bytes;
  }

  override readAt(max: number, offset: bigint): Uint8Array {
    const from = toPosition(offset);
    return this.#file.data.subarray(from, from + max);
  }

  override write(bytes: Uint8Array): void {
    if (this.flags & wasi.FDFLAGS_APPEND) this.#position = this.#file.length;
    this.#file.write(bytes, this.#position);
    this.#position += bytes.length;
  }

  override writeAt(bytes: Uint8Array, offset: bigint): void {
    const append = (this.flags & wasi.FDFLAGS_APPEND) !== 0;
    this.#file.write(bytes, append ? this.#file.length : toPosition(offset));
  }

  override seek(offset: bigint, whence: number): bigint {
    const position = this.#origin(whence) + offset;
    if (position < 0n) fail(wasi.ERRNO_INVAL);
    this.#position = toPosition(position);
    return position;
  }

  override tell(): bigint {
    return BigInt(this.#position);
  }

  override setSize(size: bigint): void {
    this.#file.resize(toPosition(size));
    this.#file.facts.touch();
  }

  override allocate(offset: bigint, length: bigint): void {
    if (length === 0n) fail(wasi.ERRNO_INVAL);
    const end = toPosition(offset + length);
    if (end > this.#file.length) this.setSize(BigInt(end));
  }

  override readable(): Readiness {
    return Math.max(0, this.#file.length - this.#position);
  }

  override close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#file.letGo();
  }

  #origin(whence: number): bigint {
    switch (whence) {
      case wasi.WHENCE_SET:
        return 0n;
      case wasi.WHENCE_CUR:
        return BigInt(this.#position);
      case wasi.WHENCE_END:
        return BigInt(this.#file.length);
      default:
        return fail(wasi.ERRNO_INVAL);
    }
  }
}

/** A place in a file: files of more than 2^53 bytes do not exist. */
function toPosition(offset: bigint): number {
  if (offset < 0n) fail(wasi.ERRNO_INVAL);
  if (offset > BigInt(Number.MAX_SAFE_INTEGER)) fail(wasi.ERRNO_FBIG);
  return Number(offset);
}
