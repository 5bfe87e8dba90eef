import { wasi } from "@bjorn3/browser_wasi_shim";
import { PLATFORM_LIMITS } from "../../../protocol/limits.ts";
import type { Descriptor } from "./descriptor.ts";
import { fail } from "./wasi-error.ts";

/** The open descriptors of a process; a new one takes the lowest free number. */
export class DescriptorTable {
  readonly #open: (Descriptor | undefined)[];
  #directories: (() => readonly Descriptor[]) | undefined;

  /** The directories are made when the program looks beyond its standard streams. */
  constructor(streams: Descriptor[], directories: () => readonly Descriptor[]) {
    this.#open = streams;
    this.#directories = directories;
  }

  /** @throws WasiError BADF */
  get(fd: number): Descriptor {
    if (fd >>> 0 > 2) this.#makeDirectories();
    return this.#open[fd >>> 0] ?? fail(wasi.ERRNO_BADF);
  }

  /** The descriptor, which must have a right. */
  with(fd: number, right: number): Descriptor {
    const descriptor = this.get(fd);
    if ((descriptor.rights & BigInt(right)) === 0n) fail(wasi.ERRNO_NOTCAPABLE);
    return descriptor;
  }

  /** A directory, which must have a right. */
  directory(fd: number, right: number): Descriptor {
    const descriptor = this.get(fd);
    if (descriptor.filetype !== wasi.FILETYPE_DIRECTORY) fail(wasi.ERRNO_NOTDIR);
    return this.with(fd, right);
  }

  add(descriptor: Descriptor): number {
    this.#makeDirectories();
    let fd = this.#open.indexOf(undefined);
    if (fd < 0) fd = this.#open.length;
    if (fd >= PLATFORM_LIMITS.descriptors.value) fail(wasi.ERRNO_MFILE);
    this.#open[fd] = descriptor;
    return fd;
  }

  remove(fd: number): Descriptor {
    const descriptor = this.get(fd);
    this.#open[fd >>> 0] = undefined;
    return descriptor;
  }

  /** Moves a descriptor to the number of another open one, which it answers, to be closed. */
  renumber(from: number, to: number): Descriptor | undefined {
    const moved = this.get(from);
    const replaced = this.get(to);
    if (moved === replaced) return undefined;
    this.#open[to >>> 0] = moved;
    this.#open[from >>> 0] = undefined;
    return replaced;
  }

  #makeDirectories(): void {
    const make = this.#directories;
    if (!make) return;
    this.#directories = undefined;
    this.#open.push(...make());
  }

  get open(): Descriptor[] {
    return this.#open.filter((one) => one !== undefined);
  }
}
