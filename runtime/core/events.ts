import { MocError } from "../protocol/errors.ts";
import { PLATFORM_LIMITS } from "../protocol/limits.ts";
import type { PlatformEvent } from "../protocol/model.ts";
import type { HostStream } from "./host-stream.ts";

/** What events are told apart, and subscribed to, by. */
export type EventKind = PlatformEvent["kind"];

/** Every kind of event, for checking requests; a new kind without a line here does not compile. */
const KINDS: Readonly<Record<EventKind, true>> = {
  deployed: true,
  undeployed: true,
  plugs: true,
  filters: true,
  kv: true,
  call: true,
  log: true,
  limit: true,
  executor: true,
  dropped: true,
};

/** Whether a text of a request names a kind of events. */
export function isEventKind(text: string): text is EventKind {
  return Object.hasOwn(KINDS, text);
}

interface EventFilter {
  /** Absent: all. */
  readonly kinds?: ReadonlySet<EventKind> | undefined;
  /** Calls, logs, limits and executors of this function only. */
  readonly function?: string | undefined;
}

/** Time after which a silent event stream sends a comment, so that proxies keep it open, in ms. */
const KEEP_ALIVE_MS = 15_000;

/** One place through which everything is told that others may want to know. */
export class Events {
  readonly #subscriptions = new Set<Subscription>();

  /** Whether anybody wants events of this kind: lets hot paths skip making them. */
  wants(kind: EventKind): boolean {
    for (const one of this.#subscriptions) if (one.wantsKind(kind)) return true;
    return false;
  }

  emit(event: PlatformEvent): void {
    for (const subscription of this.#subscriptions) subscription.offer(event);
  }

  subscribe(filter: EventFilter = {}): Subscription {
    const subscription: Subscription = new Subscription(filter, () => {
      this.#subscriptions.delete(subscription);
    });
    this.#subscriptions.add(subscription);
    return subscription;
  }

  /** Ends all subscriptions: the runtime stops. */
  close(): void {
    for (const subscription of [...this.#subscriptions]) subscription.close();
  }
}

/** A bounded queue of events for one subscriber; what does not fit is counted as `dropped`. */
class Subscription implements AsyncIterable<PlatformEvent> {
  readonly #filter: EventFilter;
  readonly #onClose: () => void;
  #queue: PlatformEvent[] = [];
  #dropped = 0;
  #closed = false;
  #wake: (() => void) | undefined;

  constructor(filter: EventFilter, onClose: () => void) {
    this.#filter = filter;
    this.#onClose = onClose;
  }

  wantsKind(kind: EventKind): boolean {
    return this.#filter.kinds?.has(kind) ?? true;
  }

  offer(event: PlatformEvent): void {
    if (!this.wantsKind(event.kind) || !this.#concerns(event)) return;
    if (this.#queue.length >= PLATFORM_LIMITS.eventQueue.value) this.#dropped++;
    else this.#queue.push(event);
    this.#wake?.();
  }

  /** All events that wait, at least one; undefined when it was closed. `idle` after `waitMs`. */
  async next(waitMs: number): Promise<readonly PlatformEvent[] | "idle" | undefined> {
    if (this.#queue.length === 0 && !this.#closed) await this.#wait(waitMs);
    if (this.#queue.length === 0) return this.#closed ? undefined : "idle";
    const events = this.#queue;
    this.#queue = [];
    if (this.#dropped > 0) {
      events.push({ kind: "dropped", count: this.#dropped });
      this.#dropped = 0;
    }
    return events;
  }

  async *[Symbol.asyncIterator](): AsyncIterator<PlatformEvent> {
    try {
      for (;;) {
        const events = await this.next(KEEP_ALIVE_MS);
        if (events === undefined) return;
        if (events !== "idle") yield* events;
      }
    } finally {
      this.close();
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#onClose();
    this.#wake?.();
  }

  #wait(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(done, waitMs);
      const self = this;
      function done(): void {
        clearTimeout(timer);
        self.#wake = undefined;
        resolve();
      }
      this.#wake = done;
    });
  }

  #concerns(event: PlatformEvent): boolean {
    const name = this.#filter.function;
    if (name === undefined) return true;
    switch (event.kind) {
      case "call":
        return event.report.function === name;
      case "log":
        return event.line.function === name;
      case "limit":
      case "executor":
        return event.function === name;
      default:
        return true;
    }
  }
}

/** The subscription as server-sent events (WHATWG HTML, section 9.2): one JSON event a message. */
export function eventStream(subscription: Subscription): HostStream {
  let opened = false;
  let rest: Uint8Array = new Uint8Array();
  const take = (maxBytes: number): Uint8Array => {
    const part = rest.subarray(0, maxBytes);
    rest = rest.subarray(part.length);
    return part;
  };
  return {
    messages: false,
    read: async (maxBytes) => {
      if (rest.length > 0) return take(maxBytes);
      if (!opened) {
        // Something at once, so that the client sees the stream open.
        opened = true;
        rest = Buffer.from(": open\n\n");
        return take(maxBytes);
      }
      const events = await subscription.next(KEEP_ALIVE_MS);
      if (events === undefined) return undefined;
      rest = Buffer.from(events === "idle" ? ": idle\n\n" : events.map(eventText).join(""));
      return take(maxBytes);
    },
    write: () =>
      Promise.reject(new MocError("MOC_BAD_REQUEST", "an event stream can only be read")),
    close: () => subscription.close(),
  };
}

function eventText(event: PlatformEvent): string {
  return `event: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`;
}
