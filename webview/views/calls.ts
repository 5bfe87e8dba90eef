import { html, nothing, type TemplateResult } from "lit";
import { MocError } from "../../runtime/protocol/errors.ts";
import type { GpuReport } from "../../runtime/protocol/gpu.ts";
import type { CallExchange, CallReport, LogLine } from "../../runtime/protocol/model.ts";
import { isPassedFilter } from "../filter-call.ts";
import { formatBytes, formatCount, formatDateTime, formatMs, shortID } from "../format.ts";
import { empty, Loading } from "../loading.ts";
import { sampleOfCall } from "../sample.ts";
import { saveSample } from "../save-sample.ts";
import { button, checkbox, dropdown, textField } from "../toolkit.ts";
import { type App, liveness, type View } from "../view.ts";
import { callTable, statusText } from "../widgets/call-table.ts";
import { gpuReport } from "../widgets/gpu-report.ts";
import { logLine } from "../widgets/log-line.ts";
import { waterfall } from "../widgets/waterfall.ts";
import { ExchangeView } from "./exchange-view.ts";

interface Detail {
  readonly call: CallReport;
  readonly children: readonly CallReport[];
  readonly logs: readonly LogLine[];
  /** Filters that the same request passed before. */
  readonly filters: readonly CallReport[];
  /** Headers and bodies, or why they are not there. */
  readonly exchange: Exchange | MocError;
}

interface Exchange {
  readonly data: CallExchange;
  readonly view: ExchangeView;
}

/** What of the calls is shown; kept over a reload. */
interface Filters {
  function: string;
  target: string;
  onlyErrors: boolean;
  /** Shortest duration shown, in ms. */
  slowest: string;
  system: boolean;
  /** Also filters that let their request pass. */
  passed: boolean;
}

/** Rows of a live table cost at each change: further ones are shown when asked for. */
const SHOWN = 100;
/** The runtime keeps 2000; the platform's own are among them. */
const FETCHED = 1000;
const NO_FILTERS: Filters = {
  function: "",
  target: "",
  onlyErrors: false,
  slowest: "0",
  system: false,
  passed: false,
};

/** Recent calls; one of them with its waterfall, log lines and sub-calls. */
export class Calls implements View {
  readonly #app: App;
  readonly #past: Loading<readonly CallReport[]>;
  readonly #detail: Loading<Detail>;
  readonly #filters: Filters;
  #selected = "";
  #rows = SHOWN;

  constructor(app: App) {
    this.#app = app;
    this.#filters = { ...NO_FILTERS, ...app.load<Partial<Filters>>("calls", {}) };
    this.#past = new Loading(() => app.invalidate());
    this.#detail = new Loading(() => app.invalidate());
  }

  enter(detail: string): void {
    if (detail !== this.#selected) this.#detail.reset();
    this.#selected = detail;
    this.#rows = SHOWN;
    if (detail === "") {
      void this.#past.load(() => this.#loadPast());
    } else {
      void this.#detail.load(() => this.#loadDetail(detail));
    }
  }

  render(): TemplateResult {
    return this.#selected === "" ? this.#list() : this.#one();
  }

  async #loadPast(): Promise<readonly CallReport[]> {
    const { transport, functions } = this.#app;
    // Else the platform's own calls would pass for the user's.
    if (functions.all.value === undefined) await functions.refresh();
    return (await transport.call("calls", { query: { limit: FETCHED } })).calls;
  }

  async #loadDetail(id: string): Promise<Detail> {
    const { transport } = this.#app;
    const [detail, exchange] = await Promise.all([
      transport.call("call", { path: { id } }),
      this.#loadExchange(id),
    ]);
    const { call } = detail;
    if (call.trigger !== "http") return { ...detail, exchange, filters: [] };
    const before = await transport.call("calls", { query: { before: call.id, limit: 20 } });
    return { ...detail, exchange, filters: filtersBefore(call, before.calls) };
  }

  async #loadExchange(id: string): Promise<Exchange | MocError> {
    try {
      const { exchange } = await this.#app.transport.call("callExchange", { path: { id } });
      return { data: exchange, view: new ExchangeView(this.#app, exchange) };
    } catch (thrown) {
      return MocError.from(thrown);
    }
  }

  #list(): TemplateResult {
    const filters = this.#filters;
    const change = (part: Partial<Filters>) => {
      Object.assign(filters, part);
      this.#app.keep("calls", filters);
      this.#app.invalidate();
    };
    return html`<h1>Calls <small>newest first · ${liveness(this.#app)}</small></h1>
      <div class="toolbar">
        ${textField({
          label: "Function",
          bare: true,
          placeholder: "Function",
          value: filters.function,
          onInput: (value) => change({ function: value }),
        })}
        ${textField({
          label: "Request",
          bare: true,
          placeholder: "Request",
          value: filters.target,
          onInput: (value) => change({ target: value }),
        })}
        ${dropdown({
          label: "Duration",
          value: filters.slowest,
          choices: [
            ["0", "any duration"],
            ["10", "10 ms and more"],
            ["100", "100 ms and more"],
            ["1000", "1 s and more"],
          ],
          onChange: (slowest) => change({ slowest }),
        })}
        ${checkbox("only failed", filters.onlyErrors, (onlyErrors) => change({ onlyErrors }))}
        ${checkbox("filters that passed", filters.passed, (passed) => change({ passed }))}
        ${checkbox("the platform's own", filters.system, (system) => change({ system }))}
      </div>
      ${this.#past.render((past) => {
        const found = this.#found(past);
        if (found.length === 0) {
          return empty("No calls.", "Invoke a function, or open one of its URLs.");
        }
        return html`${callTable(found.slice(0, this.#rows))}
        ${found.length > this.#rows ? this.#more(found.length) : nothing}`;
      })}`;
  }

  #more(found: number): TemplateResult {
    return html`<div class="toolbar">
      ${button("Show more", {
        secondary: true,
        onClick: () => {
          this.#rows += SHOWN;
          this.#app.invalidate();
        },
      })}
      <span class="dim">${this.#rows} of ${formatCount(found)}</span>
    </div>`;
  }

  #found(past: readonly CallReport[]): readonly CallReport[] {
    const { live, functions } = this.#app;
    const { function: name, target, onlyErrors, slowest, system, passed } = this.#filters;
    const now = system
      ? [...live.calls, ...live.systemCalls].sort((a, b) => b.id - a.id)
      : live.calls;
    const seen = new Set(now.map((call) => call.id));
    return [...now, ...past.filter((call) => !seen.has(call.id))].filter(
      (call) =>
        call.function.includes(name) &&
        (call.target ?? call.trigger).includes(target) &&
        call.durationMs >= Number(slowest) &&
        (!onlyErrors || call.error !== undefined) &&
        (passed || !isPassedFilter(call)) &&
        (system || !functions.isSystem(call.function)),
    );
  }

  #one(): TemplateResult {
    return html`<h1><a href="#calls">Calls</a> / ${this.#selected}</h1>
      ${this.#detail.render((detail) => this.#body(detail))}`;
  }

  #body({ call, children, logs, filters, exchange }: Detail): TemplateResult {
    return html`${facts(call)}
      <div class="toolbar">
        ${button("Invoke again", {
          onClick: () => this.#app.go({ section: "invoke", detail: `call ${call.id}` }),
        })}
        ${
          call.trigger === "http"
            ? button("Save as sample", {
                secondary: true,
                onClick: () => void this.#saveSample(call, exchange),
              })
            : nothing
        }
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
        ${waterfall(call, children, filters)}
      </section>
      ${exchangeSection(exchange)}
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
            : html`<div class="box tall" tabindex="0" role="region" aria-label="Log">
                ${logs.map((line) => logLine(line, false))}
              </div>`
        }
      </section>`;
  }

  #saveSample(call: CallReport, exchange: Exchange | MocError): Promise<void> {
    const known = exchange instanceof MocError ? undefined : exchange.data;
    return saveSample(this.#app, call.function, sampleOfCall(call, known));
  }
}

function exchangeSection(exchange: Exchange | MocError): TemplateResult {
  if (!(exchange instanceof MocError)) return exchange.view.render();
  return html`<section>
    <h2>Request and response</h2>
    <span class="dim">${exchange.message}</span>
  </section>`;
}

/** Filters run one after the other right before the call, on the same request. */
function filtersBefore(call: CallReport, before: readonly CallReport[]): readonly CallReport[] {
  return before
    .filter((one) => one.trigger === "filter" && one.target === call.target)
    .filter((one) => call.at - one.at <= one.durationMs + FILTER_GAP_MS)
    .sort((a, b) => a.id - b.id);
}

const FILTER_GAP_MS = 20;

function facts(call: CallReport): TemplateResult {
  const pairs: readonly (readonly [string, string | TemplateResult])[] = [
    [
      "function",
      html`<a href="#functions/${encodeURIComponent(call.function)}">${call.function}</a>`,
    ],
    ["version", shortID(call.techID)],
    ["request", call.target ?? `by ${call.trigger}`],
    ["start function", call.startFunction || "default"],
    ["status", statusText(call)],
    ["result", call.result === undefined ? "–" : String(call.result)],
    ["at", formatDateTime(call.at)],
    ["queued", formatMs(call.queueMs)],
    ["bytes in · out", `${formatBytes(call.bytesIn)} · ${formatBytes(call.bytesOut)}`],
    ["memory", formatBytes(call.memoryBytes)],
    [
      "called by",
      call.parent === undefined
        ? call.trigger
        : html`<a href="#calls/${call.parent}">call ${call.parent}</a>`,
    ],
  ];
  return html`<section class="pairs">
    ${pairs.map(([name, value]) => html`<span class="dim">${name}</span><span class="mono">${value}</span>`)}
  </section>`;
}
