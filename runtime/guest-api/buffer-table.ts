import { MocError } from "../protocol/errors.ts";
import type { ExchangeBuffer } from "./exchange-buffer.ts";

/** Id of an exchange buffer, valid only within the call that it was given to. */
export type BufferID = number & { readonly brand: "BufferID" };

/** Every call's table begins with these two. */
export const INPUT_ID = 1 as BufferID;
export const OUTPUT_ID = 2 as BufferID;

/** Ids below it are places in a list: few calls need more. */
const LISTED = 16;

/** The exchange buffers of one call. */
export class BufferTable {
  readonly #listed: (ExchangeBuffer | undefined)[] = [];
  #others: Map<number, ExchangeBuffer> | undefined;
  #size = 0;
  readonly #openMax: number;
  #next: number = INPUT_ID;

  constructor(openMax: number) {
    this.#openMax = openMax;
  }

  /**
   * @throws MOC_LIMIT_BUFFERS when the call holds too many buffers
   */
  add(buffer: ExchangeBuffer): BufferID {
    if (this.#size >= this.#openMax) {
      throw new MocError(
        "MOC_LIMIT_BUFFERS",
        `the call holds ${this.#openMax} exchange buffers already; free some with free_buffer, or raise limits.buffers`,
      );
    }
    // 0xffff is the failure value of the wasm guest API: never an id.
    if (this.#next === 0xffff) this.#next++;
    const id = this.#next++ as BufferID;
    if (id < LISTED) {
      this.#listed[id] = buffer;
    } else {
      this.#others ??= new Map();
      this.#others.set(id, buffer);
    }
    this.#size++;
    return id;
  }

  /**
   * @throws MOC_BUFFER_UNKNOWN when the id was not given to this call, or was freed
   */
  get(id: number): ExchangeBuffer {
    const buffer = this.#find(id);
    if (!buffer) {
      throw new MocError("MOC_BUFFER_UNKNOWN", `exchange buffer ${id} does not exist in this call`);
    }
    return buffer;
  }

  /** Frees a buffer; unknown ids are ignored, as in the original. */
  free(id: number): void {
    const buffer = this.#find(id);
    if (!buffer) return;
    if (id < LISTED) this.#listed[id] = undefined;
    else this.#others?.delete(id);
    this.#size--;
    buffer.release();
  }

  get size(): number {
    return this.#size;
  }

  /** The call is over. Streams are left to the host, which knows whose they are. */
  clear(): void {
    this.#listed.length = 0;
    this.#others = undefined;
    this.#size = 0;
  }

  #find(id: number): ExchangeBuffer | undefined {
    return id < LISTED ? this.#listed[id] : this.#others?.get(id);
  }
}
