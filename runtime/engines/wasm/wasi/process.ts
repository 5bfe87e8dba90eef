import { encodeUtf8, type GuestMemory, NO_MEMORY } from "../guest-memory.ts";
import type { Descriptor } from "./descriptor.ts";
import { DescriptorTable } from "./descriptor-table.ts";
import { DirectoryDescriptor } from "./directory-descriptor.ts";
import { FileTree } from "./file-tree.ts";
import { ALL_RIGHTS, DIRECTORY_RIGHTS } from "./rights.ts";

/** What a program is given. */
interface WasiProcessOptions {
  readonly args: readonly string[];
  /** `NAME=value`; asked for when the program looks. */
  environment(): readonly string[];
  readonly stdin: Descriptor;
  readonly stdout: Descriptor;
  readonly stderr: Descriptor;
  /** Most bytes that the files of the process hold together. */
  readonly fileBytesMax: number;
  /** Directories given to the program besides, from descriptor 3 on; absent: an empty `/` and `.` */
  readonly preopens?: readonly { readonly name: string; readonly directory: Descriptor }[];
  /** Opens paths that are not of the file system (`api://output`); undefined: not such a path. */
  openVirtual?(path: string, write: boolean): Descriptor | Promise<Descriptor> | undefined;
  /** Lets time pass; it may wake early. Absent: a timer. */
  sleep?(milliseconds: number): Promise<void>;
}

/** Longest time that one timer can wait. */
export const TIMER_MS_MAX = 2 ** 31 - 1;

/** What a program sees of the world through WASI. */
export class WasiProcess {
  readonly descriptors: DescriptorTable;
  readonly options: WasiProcessOptions;
  /** Of the instance that it runs in. */
  memory: GuestMemory = NO_MEMORY;
  /** In ms, on the clock of `performance.now()`. */
  readonly startedAt = performance.now();
  /** Waits for the outside; whoever runs the process may end the wait. */
  wait: <T>(promise: Promise<T>) => Promise<T> = (promise) => promise;
  #args: Uint8Array[] | undefined;
  #environment: Uint8Array[] | undefined;

  constructor(options: WasiProcessOptions) {
    this.options = options;
    const { stdin, stdout, stderr } = options;
    this.descriptors = new DescriptorTable([stdin, stdout, stderr], () => preopened(options));
  }

  get args(): readonly Uint8Array[] {
    this.#args ??= this.options.args.map(toCString);
    return this.#args;
  }

  get environment(): readonly Uint8Array[] {
    this.#environment ??= this.options.environment().map(toCString);
    return this.#environment;
  }

  /** Waits for time to pass. Whoever reads the output sees first what was written so far. */
  async sleep(milliseconds: number): Promise<void> {
    await this.options.stdout.sync();
    const deadline = performance.now() + milliseconds;
    for (let left = milliseconds; left > 0; left = deadline - performance.now()) {
      const part = Math.min(Math.ceil(left), TIMER_MS_MAX);
      await (this.options.sleep?.(part) ?? new Promise((resolve) => setTimeout(resolve, part)));
    }
  }

  /** Waits if there is something to wait for. */
  whenDone(done: void | Promise<void>): void | Promise<void> {
    return done instanceof Promise ? this.wait(done) : undefined;
  }

  /** Sends on what is kept back, and lets go of what is open. */
  close(): void | Promise<void> {
    const { stdin, stdout, stderr } = this.options;
    const closing: Promise<void>[] = [];
    for (const descriptor of new Set([...this.descriptors.open, stdin, stdout, stderr])) {
      const closed = descriptor.close();
      if (closed) closing.push(closed);
    }
    if (closing.length > 0) return Promise.all(closing).then(() => undefined);
  }
}

/** A zero would end a C string early. */
function toCString(text: string): Uint8Array {
  return encodeUtf8(text.replaceAll("\0", ""));
}

/** C libraries look for the longest name that a path starts with: `/` serves absolute paths. */
function preopened(options: WasiProcessOptions): Descriptor[] {
  const preopens = options.preopens ?? emptyRoot(options.fileBytesMax);
  return preopens.map(({ name, directory }) => {
    directory.preopen = name;
    return directory;
  });
}

function emptyRoot(bytesMax: number) {
  const { root } = new FileTree(bytesMax);
  return ["/", "."].map((name) => ({
    name,
    directory: new DirectoryDescriptor(root, DIRECTORY_RIGHTS, ALL_RIGHTS),
  }));
}
