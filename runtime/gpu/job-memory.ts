import { BufferPool } from "./buffer-pool.ts";
import { ColourBytes } from "./colour-bytes.ts";
import { UploadStaging } from "./upload-staging.ts";

/** A scratch that grew beyond this is given back after the job. */
const KEEP_BYTES = 64 * 1024 * 1024;

/** What jobs on one device share, one after the other. */
export class JobMemory {
  readonly pool: BufferPool;
  readonly uploads: UploadStaging;
  readonly colours: ColourBytes;
  #scratch = new Uint8Array(0);

  constructor(device: GPUDevice) {
    this.pool = new BufferPool(device);
    this.uploads = new UploadStaging(device);
    this.colours = new ColourBytes(device);
  }

  /** Gives what is not in use back to the device. */
  clear(): void {
    this.pool.clear();
    this.uploads.clear();
  }

  /** Memory for bytes on their way to the device, until the next call; fresh memory costs more than its bytes. */
  scratch(bytes: number): Uint8Array<ArrayBuffer> {
    if (bytes > KEEP_BYTES) return new Uint8Array(bytes);
    if (this.#scratch.length < bytes)
      this.#scratch = new Uint8Array(2 ** Math.ceil(Math.log2(bytes)));
    return this.#scratch.subarray(0, bytes);
  }
}
