import { html, nothing, type TemplateResult } from "lit";
import { MocError } from "../../runtime/protocol/errors.ts";
import type { FunctionSummary } from "../../runtime/protocol/rest.ts";
import { formatMs } from "../format.ts";
import { failure } from "../loading.ts";
import { button } from "../toolkit.ts";
import type { FunctionResponse } from "../transport/transport.ts";
import type { App } from "../view.ts";
import { floatView } from "../widgets/float-view.ts";
import { bestForm, valueView } from "../widgets/value-view.ts";

/** A parameter of a declared shader, as a control. */
interface Control {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  value: number;
}

const RERUN_MS = 120;

/** One declared shader: its parameters as controls that run it again, and its result. */
export class ShaderRun {
  readonly name: string;
  readonly #app: App;
  readonly #path: string | undefined;
  readonly #method: string;
  readonly #controls: readonly Control[];
  #answer: FunctionResponse | MocError | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running = false;

  constructor(app: App, shader: FunctionSummary) {
    this.name = shader.name;
    this.#app = app;
    const plug = shader.plugs.find((one) => !/[!*]/.test(one.path));
    this.#path = plug?.path;
    this.#method = (plug?.method ?? "get").toUpperCase();
    this.#controls = controlsOf(shader.settings.shader);
    if (this.#path && this.#method === "GET") void this.#run();
  }

  render(): TemplateResult {
    if (!this.#path) {
      return html`<div class="state dim">Plug '${this.name}' on a URL without parameters to run it here.</div>`;
    }
    return html`<div class="columns">
      <section>${this.#result()}</section>
      <section>
        <h2>Inputs</h2>
        ${this.#controls.map((one) => this.#control(one))}
        ${
          this.#controls.length === 0
            ? html`<p class="dim">This shader declares no parameters.</p>`
            : nothing
        }
        <div class="toolbar">${button("Run", { onClick: () => void this.#run() })} ${this.#save()}</div>
      </section>
    </div>`;
  }

  #control(one: Control): TemplateResult {
    const change = (event: Event) => {
      one.value = Number((event.target as HTMLInputElement).value);
      this.#app.invalidate();
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => void this.#run(), RERUN_MS);
    };
    return html`<label class="control">
      <span class="dim">${one.name}</span>
      <input
        type="range"
        min=${one.min}
        max=${one.max}
        step=${one.step}
        .value=${String(one.value)}
        @input=${change}
      />
      <input
        type="number"
        aria-label="${one.name} as a number"
        step=${one.step}
        .value=${String(one.value)}
        @change=${change}
      />
    </label>`;
  }

  #result(): TemplateResult {
    const answer = this.#answer;
    if (!answer)
      return html`<div class="state dim">${this.#running ? "Running…" : "Not run yet."}</div>`;
    if (answer instanceof MocError) return failure(answer);
    if (answer.status >= 400) {
      return html`<pre class="box err">${new TextDecoder().decode(answer.body)}</pre>`;
    }
    const form = bestForm(answer.body);
    return html`<h2>${this.name} <span>${formatMs(answer.durationMs)}</span></h2>
      ${form === "hex" ? floatView(answer.body) : valueView(answer.body, form)}`;
  }

  #save(): TemplateResult | typeof nothing {
    const answer = this.#answer;
    if (!answer || answer instanceof MocError) return nothing;
    return button("Save", {
      secondary: true,
      onClick: () => this.#app.transport.save(this.name, "application/octet-stream", answer.body),
    });
  }

  async #run(): Promise<void> {
    if (!this.#path) return;
    const query = new URLSearchParams(this.#controls.map((one) => [one.name, String(one.value)]));
    this.#running = true;
    try {
      this.#answer = await this.#app.transport.invoke({
        method: this.#method,
        path: query.size > 0 ? `${this.#path}?${query}` : this.#path,
        headers: {},
        ...(this.#method !== "GET" && { body: new Uint8Array() }),
      });
    } catch (thrown) {
      this.#answer = MocError.from(thrown);
    }
    this.#running = false;
    this.#app.invalidate();
  }
}

/** Parameters of a shader declaration: numbers, or objects with default, min, max and step. */
function controlsOf(declaration: unknown): readonly Control[] {
  const { parameters } = (declaration ?? {}) as { parameters?: Record<string, unknown> };
  return Object.entries(parameters ?? {}).flatMap(([name, one]) => {
    const facts = (typeof one === "object" && one !== null ? one : { default: one }) as Record<
      string,
      unknown
    >;
    const value = Number(facts.default ?? 0);
    if (!Number.isFinite(value)) return [];
    const max = Number(facts.max ?? (value === 0 ? 1 : Math.abs(value) * 4));
    const min = Number(facts.min ?? (value < 0 ? -max : 0));
    const whole = Number.isInteger(value) && Number.isInteger(min) && Number.isInteger(max);
    const step = Number(facts.step ?? (whole ? 1 : (max - min) / 1000));
    return [{ name, min, max, step, value }];
  });
}
