import { nextId, startTimer, stopTimer } from "./host.ts";

type Run = (...args: unknown[]) => void;

/** @see https://html.spec.whatwg.org/#timers */
export function setTimeout(run: unknown, ms?: unknown, ...args: unknown[]): number {
  const id = nextId();
  startTimer(id, delay(ms), () => callback(run)(...args));
  return id;
}

export function setInterval(run: unknown, ms?: unknown, ...args: unknown[]): number {
  const id = nextId();
  const again = () =>
    startTimer(id, delay(ms), () => {
      again();
      callback(run)(...args);
    });
  again();
  return id;
}

export function clearTimer(id: unknown): void {
  if (typeof id === "number") stopTimer(id);
}

export function queueMicrotask(run: unknown): void {
  const job = callback(run);
  Promise.resolve().then(() => job());
}

function callback(run: unknown): Run {
  if (typeof run === "function") return run as Run;
  throw new TypeError("the callback must be a function");
}

function delay(ms: unknown): number {
  const wanted = Number(ms);
  return wanted > 0 ? Math.min(wanted, 0x7fffffff) : 0;
}
