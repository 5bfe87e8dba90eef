/** Inputs from this length on go through a staging buffer. */
export const STAGED_BYTES = 64 * 1024;
/** Bytes of idle staging buffers kept for later jobs; more are destroyed. */
const KEEP_BYTES = 64 * 1024 * 1024;

/** A buffer that the processor writes now and the GPU copies from later. */
export interface StagingBuffer {
  readonly buffer: GPUBuffer;
  /** Its memory; it may be longer than asked for and hold bytes of earlier jobs. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * Memory that a job's long inputs are read into, where the GPU finds them. The device's own way
 * (`writeBuffer`) copies them once more, into memory that is fresh each time: 2 ms for 4 MiB.
 */
export class UploadStaging {
  readonly #device: GPUDevice;
  /** Mapped, and so ready to be written. */
  readonly #idle: StagingBuffer[] = [];
  #idleBytes = 0;

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /**
   * Within error scopes: a lack of memory shows there, or at once.
   * @param bytes at most the device's `maxBufferSize`
   */
  take(bytes: number): StagingBuffer {
    const size = Math.min(2 ** Math.ceil(Math.log2(bytes)), this.#device.limits.maxBufferSize);
    const index = this.#idle.findIndex((one) => one.bytes.length === size);
    const [kept] = index < 0 ? [] : this.#idle.splice(index, 1);
    if (kept) {
      this.#idleBytes -= size;
      return kept;
    }
    const usage = GPUBufferUsage.MAP_WRITE | GPUBufferUsage.COPY_SRC;
    return mapped(this.#device.createBuffer({ usage, size, mappedAtCreation: true }));
  }

  /** The work that copies from it is submitted: it is written again when that is done. */
  give({ buffer }: StagingBuffer): void {
    if (this.#idleBytes + buffer.size > KEEP_BYTES) {
      buffer.destroy();
      return;
    }
    this.#idleBytes += buffer.size;
    buffer.mapAsync(GPUMapMode.WRITE).then(
      () => this.#idle.push(mapped(buffer)),
      // The job failed or the device is gone; who waits for them is told.
      () => {
        this.#idleBytes -= buffer.size;
        buffer.destroy();
      },
    );
  }

  /** Gives all idle buffers back to the device. */
  clear(): void {
    for (const { buffer } of this.#idle.splice(0)) {
      this.#idleBytes -= buffer.size;
      buffer.destroy();
    }
  }
}

function mapped(buffer: GPUBuffer): StagingBuffer {
  return { buffer, bytes: new Uint8Array(buffer.getMappedRange()) };
}
