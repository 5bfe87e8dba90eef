import { isUtf8 } from "node:buffer";
import type { WebSocket } from "ws";
import type { HostStream } from "../core/host-stream.ts";
import { MocError } from "../protocol/errors.ts";

/** Messages that wait for their reader before the peer is made to wait. */
const QUEUE_MESSAGES = 64;
const QUEUE_BYTES = 1024 * 1024;
/** Bytes that wait for the network before the writer is made to wait. */
const UNSENT_BYTES = 1024 * 1024;

/**
 * A websocket as an exchange buffer: each read answers one message, each write sends one.
 *
 * A write is sent in the kind of the message received last, as text if none was; bytes that are not
 * UTF-8 are always binary, since a text message of them would end the connection.
 */
export class WebSocketStream implements HostStream {
  readonly messages = true;
  readonly #socket: WebSocket;
  readonly #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #binary = false;
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.binaryType = "nodebuffer";
    socket.on("message", (data: Buffer, isBinary: boolean) => this.#take(data, isBinary));
    const end = () => {
      this.#ended = true;
      this.#wake?.();
    };
    socket.on("close", end);
    // ws closes the socket after an error; the code it chose says what it was.
    socket.on("error", end);
  }

  async read(): Promise<Uint8Array | undefined> {
    while (this.#queue.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const message = this.#queue.shift();
    if (message) this.#queuedBytes -= message.length;
    if (this.#socket.isPaused && this.#hasRoom()) this.#socket.resume();
    return message;
  }

  write(bytes: Uint8Array): Promise<void> {
    const socket = this.#socket;
    if (socket.readyState !== socket.OPEN) return Promise.reject(peerGone());
    const binary = this.#binary || !isUtf8(bytes);
    if (socket.bufferedAmount < UNSENT_BYTES) {
      socket.send(bytes, { binary }, ignoreResult);
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      socket.send(bytes, { binary }, (error) => (error ? reject(peerGone()) : resolve()));
    });
  }

  close(): void {
    this.end(1000, "");
  }

  /** @param code close code of RFC 6455 section 7.4 */
  end(code: number, reason: string): void {
    this.#ended = true;
    this.#queue.length = 0;
    this.#queuedBytes = 0;
    this.#wake?.();
    // A paused socket would never see the other side's close.
    if (this.#socket.isPaused) this.#socket.resume();
    this.#socket.close(code, closeReason(reason));
  }

  #take(data: Buffer, isBinary: boolean): void {
    if (this.#ended) return;
    this.#binary = isBinary;
    this.#queue.push(data);
    this.#queuedBytes += data.length;
    if (!this.#hasRoom()) this.#socket.pause();
    this.#wake?.();
  }

  #hasRoom(): boolean {
    return this.#queue.length < QUEUE_MESSAGES && this.#queuedBytes < QUEUE_BYTES;
  }
}

/** A failed send shows as the end of the socket. */
function ignoreResult(): void {}

function peerGone(): MocError {
  return new MocError("MOC_CANCELLED", "The websocket is closed.");
}

/** At most 123 bytes of UTF-8 fit into a close frame. */
function closeReason(reason: string): string {
  let cut = reason.slice(0, 123);
  while (Buffer.byteLength(cut) > 123) cut = cut.slice(0, -1);
  return cut;
}
