import { html, nothing, type TemplateResult } from "lit";
import type { GpuDescription, GpuReport } from "../../runtime/protocol/gpu.ts";
import type { CallReport } from "../../runtime/protocol/model.ts";
import type { FunctionSummary } from "../../runtime/protocol/rest.ts";
import { formatMs, formatTime } from "../format.ts";
import { empty, Loading } from "../loading.ts";
import { firstShader } from "../shader-plug.ts";
import type { App, View } from "../view.ts";
import { gpuReport } from "../widgets/gpu-report.ts";
import { ShaderRun } from "./shader-run.ts";

const RUNS_SHOWN = 20;
const SHADERS = new Set(["text/wgsl", "text/glsl", "text/x-glsl-compute"]);

interface Facts {
  readonly shaders: readonly FunctionSummary[];
  readonly runs: readonly CallReport[];
}

/** The adapter, recent runs with their times, and declared shaders with controls and results. */
export class Gpu implements View {
  readonly #app: App;
  /** Asking for the adapter may start the GPU's process: shaders do not wait for it. */
  readonly #adapter: Loading<GpuDescription>;
  readonly #facts: Loading<Facts>;
  #run: ShaderRun | undefined;
  #selected = "";
  #version = "";
  #revision = 0;

  constructor(app: App) {
    this.#app = app;
    this.#adapter = new Loading(() => app.invalidate());
    this.#facts = new Loading(() => app.invalidate());
  }

  enter(detail: string): void {
    this.#selected = detail;
    const { transport } = this.#app;
    void this.#adapter.load(async () => (await transport.call("gpu")).gpu as GpuDescription);
    void this.#facts.load(() => this.#load());
  }

  liveChanged(): void {
    const { functions } = this.#app.live.revisions;
    if (functions === this.#revision) return;
    this.#revision = functions;
    void this.#facts.load(() => this.#load());
  }

  render(): TemplateResult {
    return html`<h1>GPU</h1>
      ${this.#adapter.render(adapterCard)}
      ${this.#facts.render(
        (facts) => html`${this.#shaders(facts)} ${runList(this.#runs(facts))}`,
      )}`;
  }

  async #load(): Promise<Facts> {
    const { transport } = this.#app;
    const [functions, calls] = await Promise.all([
      transport.call("functions"),
      transport.call("calls", { query: { limit: 1000 } }),
    ]);
    const shaders = functions.functions.filter((one) => SHADERS.has(one.contentType));
    const chosen = shaders.find((one) => one.name === this.#selected) ?? firstShader(shaders);
    if (chosen && (this.#run?.name !== chosen.name || this.#version !== chosen.techID)) {
      this.#run = new ShaderRun(this.#app, chosen);
      this.#version = chosen.techID;
    }
    return {
      shaders,
      runs: calls.calls.filter((call) => call.gpu !== undefined),
    };
  }

  #runs(facts: Facts): readonly CallReport[] {
    const live = this.#app.live.calls.filter((call) => call.gpu !== undefined);
    const seen = new Set(live.map((call) => call.id));
    return [...live, ...facts.runs.filter((call) => !seen.has(call.id))].slice(0, RUNS_SHOWN);
  }

  #shaders({ shaders }: Facts): TemplateResult {
    if (shaders.length === 0) return empty("No shaders yet.", "Make one: moc new wgsl blur");
    return html`<div class="toolbar">
        ${shaders.map(
          (one) =>
            html`<a
              class="tag"
              href="#gpu/${encodeURIComponent(one.name)}"
              aria-current=${one.name === this.#run?.name ? "true" : "false"}
              >${one.name}</a
            >`,
        )}
      </div>
      ${this.#run?.render() ?? nothing}`;
  }
}

function adapterCard(gpu: GpuDescription): TemplateResult {
  if (!gpu.available) {
    return html`<section class="box"><b class="warn">No GPU.</b> ${gpu.reason}</section>`;
  }
  const pairs: readonly (readonly [string, string])[] = [
    ["adapter", gpu.adapter],
    ["driver", gpu.driver],
    ["backend", gpu.backend],
    ["kind", gpu.software ? "software: it computes on the processor" : "hardware"],
    ["chosen", gpu.chosen],
    ["features", gpu.features.join(", ")],
  ];
  return html`<section class="box">
    <div class="facts">
      ${pairs.map(([name, value]) => html`<span class="dim">${name}</span><span>${value}</span>`)}
    </div>
  </section>`;
}

function runList(runs: readonly CallReport[]): TemplateResult {
  if (runs.length === 0) return html``;
  return html`<section>
    <h2>Last runs <span>newest first</span></h2>
    ${runs.map(
      (call) =>
        html`<div class="run">
          <a class="mono" href="#calls/${call.id}">${formatTime(call.at)}</a>
          <b>${call.function}</b>
          <span class="num dim">${formatMs(call.durationMs)}</span>
          <div class="grow">${gpuReport(call.gpu as GpuReport)}</div>
        </div>`,
    )}
  </section>`;
}
