import { html, type nothing, type TemplateResult } from "lit";
import { MocError } from "../runtime/protocol/errors.ts";
import { progressRing } from "./toolkit.ts";

type State<T> =
  | { readonly kind: "loading" }
  | { readonly kind: "ready"; readonly value: T }
  | { readonly kind: "failed"; readonly error: MocError };

/** Something that is fetched: loading, there, or failed, and shown accordingly. */
export class Loading<T> {
  readonly #changed: () => void;
  #state: State<T> = { kind: "loading" };
  #run = 0;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get value(): T | undefined {
    return this.#state.kind === "ready" ? this.#state.value : undefined;
  }

  /** Fetches anew; what was there stays visible meanwhile. Only the newest fetch counts. */
  async load(fetchIt: () => Promise<T>): Promise<void> {
    const run = ++this.#run;
    try {
      const value = await fetchIt();
      if (run !== this.#run) return;
      this.#state = { kind: "ready", value };
    } catch (thrown) {
      if (run !== this.#run) return;
      this.#state = { kind: "failed", error: MocError.from(thrown) };
    }
    this.#changed();
  }

  set(value: T): void {
    this.#run++;
    this.#state = { kind: "ready", value };
    this.#changed();
  }

  reset(): void {
    this.#run++;
    this.#state = { kind: "loading" };
  }

  render(ready: (value: T) => TemplateResult | typeof nothing): TemplateResult | typeof nothing {
    const state = this.#state;
    if (state.kind === "loading") return html`<div class="state">${progressRing()}</div>`;
    if (state.kind === "failed") return failure(state.error);
    return ready(state.value);
  }
}

export function failure(error: Pick<MocError, "code" | "message">): TemplateResult {
  return html`<div class="state err" role="alert"><b>${error.code}</b> ${error.message}</div>`;
}

/** What a list without entries says, and what to do about it. */
export function empty(title: string, advice: string): TemplateResult {
  return html`<div class="state"><b>${title}</b><span class="dim">${advice}</span></div>`;
}
