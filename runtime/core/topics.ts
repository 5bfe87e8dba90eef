import { MocError } from "../protocol/errors.ts";
import { PLATFORM_LIMITS } from "../protocol/limits.ts";
import type { HostStream } from "./host-stream.ts";

const { topicQueue, topicQueueBytes, topicLength } = PLATFORM_LIMITS;

/** Messages from guests to the guests that listen at that moment. Nothing is kept. */
export class Topics {
  readonly #subscribers = new Map<string, Set<Subscriber>>();

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
   * @throws MOC_NAME_INVALID
   */
  subscribe(topic: string): HostStream {
    checkTopic(topic);
    const subscriber: Subscriber = new Subscriber(topic, () => this.#remove(topic, subscriber));
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
  readonly #onClose: () => void;
  readonly #queue: Uint8Array[] = [];
  #bytes = 0;
  #closed = false;
  #overrun = false;
  #wake: (() => void) | undefined;

  constructor(topic: string, onClose: () => void) {
    this.#topic = topic;
    this.#onClose = onClose;
  }

  offer(bytes: Uint8Array): void {
    if (
      this.#queue.length >= topicQueue.value ||
      this.#bytes + bytes.length > topicQueueBytes.value
    ) {
      this.#overrun = true;
      this.#onClose();
    } else {
      this.#queue.push(bytes);
      this.#bytes += bytes.length;
    }
    this.#wake?.();
  }

  async read(): Promise<Uint8Array | undefined> {
    while (this.#queue.length === 0 && !this.#closed && !this.#overrun) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const message = this.#queue.shift();
    this.#bytes -= message?.length ?? 0;
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
