import { MocError } from "../protocol/errors.ts";
import { PLATFORM_LIMITS } from "../protocol/limits.ts";
import type { HostStream } from "./host-stream.ts";

const { topicQueue, topicQueueBytes, topicBytes, topicLength } = PLATFORM_LIMITS;

/** Bytes of messages that wait to be read. */
interface Waiting {
  bytes: number;
}

/** Messages from guests to the guests that listen at that moment. Nothing is kept. */
export class Topics {
  readonly #subscribers = new Map<string, Set<Subscriber>>();
  /** For all subscribers together. */
  readonly #waiting: Waiting = { bytes: 0 };

  /**
   * @throws MOC_TOO_LARGE, MOC_NAME_INVALID
   */
  publish(topic: string, bytes: Uint8Array): void {
    checkTopic(topic);
    const max = PLATFORM_LIMITS.websocketMessageBytes.value;
    if (bytes.length > max) {
      throw new MocError(
        "MOC_TOO_LARGE",
        `a message has ${bytes.length} bytes, ${max} are allowed`,
      );
    }
    for (const one of this.#subscribers.get(topic) ?? []) one.offer(bytes);
  }

  /**
   * A stream of messages. A reader so slow that too many wait gets them, then an error.
   * @param ofCall what waits for all subscriptions of one call: many of them are no way to more memory
   * @throws MOC_NAME_INVALID
   */
  subscribe(topic: string, ofCall: Waiting): HostStream {
    checkTopic(topic);
    const waiting = [ofCall, this.#waiting];
    const onClose = () => this.#remove(topic, subscriber);
    const subscriber: Subscriber = new Subscriber(topic, waiting, onClose);
    const others = this.#subscribers.get(topic);
    if (others) others.add(subscriber);
    else this.#subscribers.set(topic, new Set([subscriber]));
    return subscriber;
  }

  /** How many listen to a topic. */
  subscribers(topic: string): number {
    return this.#subscribers.get(topic)?.size ?? 0;
  }

  #remove(topic: string, subscriber: Subscriber): void {
    const others = this.#subscribers.get(topic);
    others?.delete(subscriber);
    if (others?.size === 0) this.#subscribers.delete(topic);
  }
}

class Subscriber implements HostStream {
  readonly messages = true;
  readonly #topic: string;
  /** Of its call, and of all. */
  readonly #waiting: readonly Waiting[];
  readonly #onClose: () => void;
  readonly #queue: Uint8Array[] = [];
  #closed = false;
  #overrun = false;
  #wake: (() => void) | undefined;

  constructor(topic: string, waiting: readonly Waiting[], onClose: () => void) {
    this.#topic = topic;
    this.#waiting = waiting;
    this.#onClose = onClose;
  }

  offer(bytes: Uint8Array): void {
    if (this.#hasRoom(bytes.length)) {
      this.#queue.push(bytes);
      this.#count(bytes.length);
    } else {
      this.#overrun = true;
      this.#onClose();
    }
    this.#wake?.();
  }

  #hasRoom(length: number): boolean {
    const [ofCall, ofAll] = this.#waiting.map((one) => one.bytes + length);
    if (this.#queue.length >= topicQueue.value) return false;
    return (ofCall ?? 0) <= topicQueueBytes.value && (ofAll ?? 0) <= topicBytes.value;
  }

  #count(bytes: number): void {
    for (const one of this.#waiting) one.bytes += bytes;
  }

  async read(): Promise<Uint8Array | undefined> {
    while (this.#queue.length === 0 && !this.#closed && !this.#overrun) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const message = this.#queue.shift();
    this.#count(-(message?.length ?? 0));
    if (message || this.#closed) return message;
    throw new MocError(
      "MOC_TOO_MANY",
      `topic '${this.#topic}' sent more than this subscriber could read; subscribe again`,
    );
  }

  write(): Promise<void> {
    return Promise.reject(
      new MocError("MOC_BAD_REQUEST", "a subscription can only be read; use publish to send"),
    );
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const { length } of this.#queue) this.#count(-length);
    this.#queue.length = 0;
    this.#onClose();
    this.#wake?.();
  }
}

function checkTopic(topic: string): void {
  if (topic !== "" && topic.length <= topicLength.value) return;
  throw new MocError(
    "MOC_NAME_INVALID",
    `a topic has 1 to ${topicLength.value} characters, not ${topic.length}`,
  );
}
