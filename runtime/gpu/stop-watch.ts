const TICKS = 2;
const BYTES = TICKS * BigUint64Array.BYTES_PER_ELEMENT;

/** Measures the passes of one job at a time with the GPU's own clock. */
export class StopWatch {
  readonly #querySet: GPUQuerySet;
  readonly #ticks: GPUBuffer;
  readonly #readable: GPUBuffer;

  /** @param device with the feature `timestamp-query` */
  constructor(device: GPUDevice) {
    this.#querySet = device.createQuerySet({ type: "timestamp", count: TICKS });
    this.#ticks = device.createBuffer({
      size: BYTES,
      usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
    });
    this.#readable = device.createBuffer({
      size: BYTES,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
  }

  /** What a pass has to write; undefined for those in the middle. */
  writes(first: boolean, last: boolean): GPUComputePassTimestampWrites | undefined {
    if (!first && !last) return undefined;
    return {
      querySet: this.#querySet,
      ...(first && { beginningOfPassWriteIndex: 0 }),
      ...(last && { endOfPassWriteIndex: 1 }),
    };
  }

  resolve(encoder: GPUCommandEncoder): void {
    encoder.resolveQuerySet(this.#querySet, 0, TICKS, this.#ticks, 0);
    encoder.copyBufferToBuffer(this.#ticks, 0, this.#readable, 0, BYTES);
  }

  /** From the start of the first pass to the end of the last; undefined if the clock ran wrong. */
  async elapsedMs(): Promise<number | undefined> {
    await this.#readable.mapAsync(GPUMapMode.READ);
    const [start = 0n, end = 0n] = new BigUint64Array(this.#readable.getMappedRange());
    this.#readable.unmap();
    return end >= start ? Number(end - start) / 1e6 : undefined;
  }
}
