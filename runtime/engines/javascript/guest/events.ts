import { nextId, startTimer } from "./host.ts";

/** @see https://webidl.spec.whatwg.org/#idl-DOMException */
export class DOMException extends Error {
  readonly code: number;

  constructor(message: unknown = "", name: unknown = "Error") {
    super(String(message));
    Object.defineProperty(this, "name", { value: String(name), configurable: true });
    this.code = { AbortError: 20, TimeoutError: 23, DataCloneError: 25 }[String(name)] ?? 0;
  }
}

interface EventInit {
  readonly bubbles?: boolean;
  readonly cancelable?: boolean;
}

/** @see https://dom.spec.whatwg.org/#interface-event */
export class Event {
  readonly type: string;
  readonly bubbles: boolean;
  readonly cancelable: boolean;
  target: EventTarget | null = null;
  defaultPrevented = false;
  #stopped = false;

  constructor(type: unknown, init: EventInit = {}) {
    this.type = String(type);
    this.bubbles = Boolean(init.bubbles);
    this.cancelable = Boolean(init.cancelable);
  }

  get currentTarget(): EventTarget | null {
    return this.target;
  }

  preventDefault(): void {
    if (this.cancelable) this.defaultPrevented = true;
  }

  stopPropagation(): void {}

  stopImmediatePropagation(): void {
    this.#stopped = true;
  }

  static _stopped(event: Event): boolean {
    return event.#stopped;
  }
}

export class CustomEvent extends Event {
  readonly detail: unknown;

  constructor(type: unknown, init: EventInit & { readonly detail?: unknown } = {}) {
    super(type, init);
    this.detail = init.detail ?? null;
  }
}

type Listener = ((event: Event) => void) | { handleEvent(event: Event): void };

interface Registered {
  readonly type: string;
  readonly listener: Listener;
  readonly once: boolean;
}

/** @see https://dom.spec.whatwg.org/#interface-eventtarget */
export class EventTarget {
  #listeners: Registered[] = [];

  addEventListener(type: unknown, listener: Listener | null, options?: unknown): void {
    if (!listener) return;
    const settings = typeof options === "object" && options !== null ? options : {};
    const { once, signal } = settings as { once?: boolean; signal?: AbortSignal };
    if (signal?.aborted) return;
    const name = String(type);
    if (this.#listeners.some((one) => one.type === name && one.listener === listener)) return;
    this.#listeners.push({ type: name, listener, once: Boolean(once) });
    signal?.addEventListener("abort", () => this.removeEventListener(name, listener));
  }

  removeEventListener(type: unknown, listener: Listener | null): void {
    this.#listeners = this.#listeners.filter(
      (one) => one.type !== String(type) || one.listener !== listener,
    );
  }

  dispatchEvent(event: Event): boolean {
    event.target = this;
    const handler = (this as unknown as Record<string, unknown>)[`on${event.type}`];
    if (typeof handler === "function") handler.call(this, event);
    for (const one of [...this.#listeners]) {
      if (one.type !== event.type || Event._stopped(event)) continue;
      if (one.once) this.removeEventListener(one.type, one.listener);
      if (typeof one.listener === "function") one.listener.call(this, event);
      else one.listener.handleEvent(event);
    }
    return !event.defaultPrevented;
  }
}

/** @see https://dom.spec.whatwg.org/#interface-AbortSignal */
export class AbortSignal extends EventTarget {
  aborted = false;
  reason: unknown;
  onabort: ((event: Event) => void) | null = null;

  static abort(reason?: unknown): AbortSignal {
    const signal = new AbortSignal();
    abortSignal(signal, reason);
    return signal;
  }

  static timeout(ms: number): AbortSignal {
    const signal = new AbortSignal();
    startTimer(nextId(), ms, () =>
      abortSignal(signal, new DOMException("The operation timed out", "TimeoutError")),
    );
    return signal;
  }

  static any(signals: Iterable<AbortSignal>): AbortSignal {
    const all = new AbortSignal();
    for (const one of signals) {
      if (one.aborted) abortSignal(all, one.reason);
      else one.addEventListener("abort", () => abortSignal(all, one.reason));
    }
    return all;
  }

  throwIfAborted(): void {
    if (this.aborted) throw this.reason;
  }
}

function abortSignal(signal: AbortSignal, reason: unknown): void {
  if (signal.aborted) return;
  signal.aborted = true;
  signal.reason = reason ?? new DOMException("The operation was aborted", "AbortError");
  signal.dispatchEvent(new Event("abort"));
}

/** @see https://dom.spec.whatwg.org/#interface-abortcontroller */
export class AbortController {
  readonly signal = new AbortSignal();

  abort(reason?: unknown): void {
    abortSignal(this.signal, reason);
  }
}
