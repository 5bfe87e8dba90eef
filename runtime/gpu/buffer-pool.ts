/** Bytes of idle buffers kept for later jobs; more are destroyed. */
const KEEP_BYTES = 256 * 1024 * 1024;
const SMALLEST = 256;

/** A buffer on loan; it may be larger than asked for and hold bytes of earlier jobs. */
interface PooledBuffer {
  readonly buffer: GPUBuffer;
  /** It comes straight from the device, which fills new buffers with zeros. */
  readonly fresh: boolean;
}

/** Keeps GPU buffers between jobs, by usage and size class (powers of two). */
export class BufferPool {
  readonly #device: GPUDevice;
  readonly #idle = new Map<string, GPUBuffer[]>();
  #idleBytes = 0;

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** @param bytes at most the device's `maxBufferSize` */
  take(usage: GPUBufferUsageFlags, bytes: number): PooledBuffer {
    const size = Math.min(sizeClass(bytes), this.#device.limits.maxBufferSize);
    const kept = this.#idle.get(`${usage}:${size}`)?.pop();
    if (kept) {
      this.#idleBytes -= size;
      return { buffer: kept, fresh: false };
    }
    return { buffer: this.#device.createBuffer({ usage, size }), fresh: true };
  }

  /** Gives all idle buffers back to the device. */
  clear(): void {
    for (const buffers of this.#idle.values()) for (const buffer of buffers) buffer.destroy();
    this.#idle.clear();
    this.#idleBytes = 0;
  }

  /** The GPU must be done with it. */
  give(buffer: GPUBuffer): void {
    if (this.#idleBytes + buffer.size > KEEP_BYTES) {
      buffer.destroy();
      return;
    }
    const key = `${buffer.usage}:${buffer.size}`;
    const idle = this.#idle.get(key) ?? [];
    this.#idle.set(key, idle);
    idle.push(buffer);
    this.#idleBytes += buffer.size;
  }
}

function sizeClass(bytes: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(bytes, SMALLEST)));
}
