import { wasi } from "@bjorn3/browser_wasi_shim";
import { Descriptor, type Readiness } from "./descriptor.ts";
import { STREAM_READ_RIGHTS, STREAM_WRITE_RIGHTS } from "./rights.ts";

type Bytes = Uint8Array | undefined;

/** Where the bytes of a stream come from: undefined or nothing at the end. */
interface Source {
  read(max: number): Bytes | Promise<Bytes>;
  close?(): void | Promise<void>;
}

/** Where the bytes of a stream go. */
export interface Sink {
  write(bytes: Uint8Array): void | Promise<void>;
  /** Sends on what it kept back. */
  flush?(): void | Promise<void>;
  close?(): void | Promise<void>;
}

const READ_AHEAD = 65_536;

/** Something to read from its start to its end: stdin, the body of an answer. */
export class SourceDescriptor extends Descriptor {
  readonly filetype: number;
  readonly #source: Source;
  /** Arrived and not yet given. */
  #pending: Uint8Array | undefined;
  /** A read of the source that was not waited for to its end: a poll that timed out. */
  #arriving: Promise<void> | undefined;
  #ended = false;

  constructor(source: Source, filetype: number = wasi.FILETYPE_UNKNOWN) {
    super(STREAM_READ_RIGHTS);
    this.filetype = filetype;
    this.#source = source;
  }

  override read(max: number): Bytes | Promise<Bytes> {
    if (max === 0) return undefined;
    const arriving = this.#fetch(max);
    return arriving ? arriving.then(() => this.#take(max)) : this.#take(max);
  }

  override readable(): Readiness | Promise<Readiness> {
    const arriving = this.#fetch(READ_AHEAD);
    const state = () => this.#pending?.length ?? "end";
    return arriving ? arriving.then(state) : state();
  }

  override close(): void | Promise<void> {
    this.#ended = true;
    return this.#source.close?.();
  }

  /** Sees to it that something is there, or that the end is known. */
  #fetch(max: number): Promise<void> | undefined {
    if (this.#pending || this.#ended) return undefined;
    if (this.#arriving) return this.#arriving;
    const bytes = this.#source.read(max);
    if (!(bytes instanceof Promise)) {
      this.#put(bytes);
      return undefined;
    }
    this.#arriving = bytes
      .then((arrived) => this.#put(arrived))
      .finally(() => {
        this.#arriving = undefined;
      });
    return this.#arriving;
  }

  #put(bytes: Bytes): void {
    if (bytes && bytes.length > 0) this.#pending = bytes;
    else this.#ended = true;
  }

  /** Sources give what they have: a message may be longer than what is asked for. */
  #take(max: number): Bytes {
    const pending = this.#pending;
    this.#pending = pending && pending.length > max ? pending.subarray(max) : undefined;
    return pending?.subarray(0, max);
  }
}

/** Something to write from its start to its end: stdout, stderr, the call's output. */
export class SinkDescriptor extends Descriptor {
  readonly filetype: number;
  readonly #sink: Sink;

  constructor(sink: Sink, filetype: number = wasi.FILETYPE_UNKNOWN) {
    super(STREAM_WRITE_RIGHTS);
    this.filetype = filetype;
    this.#sink = sink;
  }

  override write(bytes: Uint8Array): void | Promise<void> {
    return this.#sink.write(bytes);
  }

  override sync(): void | Promise<void> {
    return this.#sink.flush?.();
  }

  override close(): void | Promise<void> {
    return this.#sink.close?.();
  }
}
