import { wasi } from "@bjorn3/browser_wasi_shim";
import { Descriptor, type FileStat, statOf } from "./descriptor.ts";
import type { DirectoryNode } from "./file-tree.ts";
import { fail } from "./wasi-error.ts";

/** An open directory: where paths start. */
export class DirectoryDescriptor extends Descriptor {
  readonly filetype: number = wasi.FILETYPE_DIRECTORY;
  readonly #directory: DirectoryNode;

  constructor(directory: DirectoryNode, rights: bigint, inheriting: bigint) {
    super(rights, inheriting);
    this.#directory = directory;
  }

  override get directory(): DirectoryNode {
    return this.#directory;
  }

  override get node(): DirectoryNode {
    return this.#directory;
  }

  override stat(): FileStat {
    return statOf(this.#directory);
  }

  override readAt(): Uint8Array {
    return fail(wasi.ERRNO_BADF);
  }

  override writeAt(): void {
    fail(wasi.ERRNO_BADF);
  }

  override seek(): bigint {
    return fail(wasi.ERRNO_BADF);
  }

  override tell(): bigint {
    return fail(wasi.ERRNO_BADF);
  }

  override setSize(): void {
    fail(wasi.ERRNO_BADF);
  }

  override allocate(): void {
    fail(wasi.ERRNO_BADF);
  }
}
