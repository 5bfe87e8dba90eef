import { html, nothing, type TemplateResult } from "lit";
import type { GpuReport } from "../../runtime/protocol/gpu.ts";
import type { CallReport, LogLine } from "../../runtime/protocol/model.ts";
import { formatBytes, formatDateTime, formatMs, shortID } from "../format.ts";
import { empty, Loading } from "../loading.ts";
import { button, checkbox, textField } from "../toolkit.ts";
import type { App, View } from "../view.ts";
import { callTable, statusText } from "../widgets/call-table.ts";
import { gpuReport } from "../widgets/gpu-report.ts";
import { logLine } from "../widgets/log-line.ts";
import { waterfall } from "../widgets/waterfall.ts";

interface Detail {
  readonly call: CallReport;
  readonly children: readonly CallReport[];
  readonly logs: readonly LogLine[];
}

/** Recent calls; one of them with its waterfall, log lines and sub-calls. */
export class Calls implements View {
  readonly #app: App;
  readonly #past: Loading<readonly CallReport[]>;
  readonly #detail: Loading<Detail>;
  #selected = "";
  #function = "";
  #onlyErrors = false;

  constructor(app: App) {
    this.#app = app;
    this.#past = new Loading(() => app.invalidate());
    this.#detail = new Loading(() => app.invalidate());
  }

  enter(detail: string): void {
    if (detail !== this.#selected) this.#detail.reset();
    this.#selected = detail;
    const { transport } = this.#app;
    if (detail === "") {
      void this.#past.load(
        async () => (await transport.call("calls", { query: { limit: 300 } })).calls,
      );
    } else {
      void this.#detail.load(() => transport.call("call", { path: { id: detail } }));
    }
  }

  render(): TemplateResult {
    return this.#selected === "" ? this.#list() : this.#one();
  }

  #list(): TemplateResult {
    return html`<h1>Calls <small>newest first · live</small></h1>
      <div class="toolbar">
        ${textField({
          label: "Function",
          bare: true,
          placeholder: "Function",
          value: this.#function,
          onInput: (value) => {
            this.#function = value;
            this.#app.invalidate();
          },
        })}
        ${checkbox("only failed", this.#onlyErrors, (checked) => {
          this.#onlyErrors = checked;
          this.#app.invalidate();
        })}
      </div>
      ${this.#past.render((past) => {
        const shown = this.#shown(past);
        return shown.length === 0
          ? empty("No calls.", "Invoke a function, or open one of its URLs.")
          : callTable(shown);
      })}`;
  }

  #shown(past: readonly CallReport[]): readonly CallReport[] {
    const { calls } = this.#app.live;
    const seen = new Set(calls.map((call) => call.id));
    return [...calls, ...past.filter((call) => !seen.has(call.id))]
      .filter(
        (call) =>
          call.function.includes(this.#function) && (!this.#onlyErrors || call.error !== undefined),
      )
      .slice(0, 300);
  }

  #one(): TemplateResult {
    return html`<h1><a href="#calls">Calls</a> / ${this.#selected}</h1>
      ${this.#detail.render((detail) => this.#body(detail))}`;
  }

  #body({ call, children, logs }: Detail): TemplateResult {
    return html`${facts(call)}
      <div class="toolbar">
        ${button("Invoke again", {
          secondary: true,
          onClick: () => this.#app.go({ section: "invoke", detail: replay(call) }),
        })}
      </div>
      ${
        call.error
          ? html`<section>
              <h2>Error</h2>
              <div class="box err">
                <b>${call.error.code}</b>
                <pre>${call.error.stack ?? call.error.message}</pre>
              </div>
            </section>`
          : nothing
      }
      <section>
        <h2>Where the time went <span>${formatMs(call.durationMs)}</span></h2>
        ${waterfall(call, children)}
      </section>
      ${call.gpu ? html`<section><h2>GPU</h2>${gpuReport(call.gpu as GpuReport)}</section>` : nothing}
      ${
        children.length > 0
          ? html`<section>
              <h2>Calls that it made</h2>
              ${callTable(children)}
            </section>`
          : nothing
      }
      <section>
        <h2>Log <span>${call.logLines} lines</span></h2>
        ${
          logs.length === 0
            ? html`<span class="dim">It has written nothing.</span>`
            : html`<div class="box">${logs.map((line) => logLine(line, false))}</div>`
        }
      </section>`;
  }
}

function facts(call: CallReport): TemplateResult {
  const pairs: readonly (readonly [string, string])[] = [
    ["function", call.function],
    ["request", call.target ?? call.trigger],
    ["status", statusText(call)],
    ["at", formatDateTime(call.at)],
    ["queued", formatMs(call.queueMs)],
    ["bytes in · out", `${formatBytes(call.bytesIn)} · ${formatBytes(call.bytesOut)}`],
    ["memory", formatBytes(call.memoryBytes)],
    ["version", shortID(call.techID)],
  ];
  return html`<section class="pairs">
    ${pairs.map(([name, value]) => html`<span class="dim">${name}</span><span class="mono">${value}</span>`)}
  </section>`;
}

/** What the playground needs to ask the same again: the request line, or the function. */
function replay(call: CallReport): string {
  return call.trigger === "http" && call.target ? call.target : call.function;
}
