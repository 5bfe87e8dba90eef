import { readSync, writeSync } from "node:fs";
import { MocError } from "../protocol/errors.ts";

/** Where a job's inputs come from and its outputs go, each by its position among them. */
export interface JobBytes {
  /** Fills the bytes with what lies at the position. */
  read(to: Uint8Array, position: number): void;
  write(from: Uint8Array, position: number): void;
}

/** An exchange file, by its descriptor. */
export class FileBytes implements JobBytes {
  readonly #file: number;

  constructor(file: number) {
    this.#file = file;
  }

  read(to: Uint8Array, position: number): void {
    let done = 0;
    while (done < to.length) {
      const read = readSync(this.#file, to, done, to.length - done, position + done);
      if (read === 0) throw new MocError("MOC_GPU_LOST", "the job's input was cut off on its way");
      done += read;
    }
  }

  write(from: Uint8Array, position: number): void {
    let done = 0;
    while (done < from.length) {
      done += writeSync(this.#file, from, done, from.length - done, position + done);
    }
  }
}

/** Few bytes, which travel in the message itself. */
export class MessageBytes implements JobBytes {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  read(to: Uint8Array, position: number): void {
    to.set(this.bytes.subarray(position, position + to.length));
  }

  write(from: Uint8Array, position: number): void {
    this.bytes.set(from, position);
  }
}
