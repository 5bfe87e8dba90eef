import { html, nothing, type TemplateResult } from "lit";
import type { FunctionSummary, Status } from "../../runtime/protocol/rest.ts";
import { isPassedFilter } from "../filter-call.ts";
import { formatBytes, formatCount, formatTime, formatUptime, splitLatency } from "../format.ts";
import { empty, failure } from "../loading.ts";
import { type App, liveness, type View } from "../view.ts";
import { callTable } from "../widgets/call-table.ts";
import { type ChartData, chart } from "../widgets/chart.ts";
import { functionTable } from "../widgets/function-table.ts";
import { sparkline } from "../widgets/sparkline.ts";

const SAMPLE_SECONDS = 5;
const BUSIEST = 8;
const LATEST_CALLS = 6;

interface Tile {
  readonly label: string;
  readonly value: string;
  readonly unit: string;
  readonly colour: string;
  readonly points: readonly number[];
}

/** Health at a glance: figures, charts of the last minutes, what happened lately. */
export class Overview implements View {
  readonly #app: App;

  constructor(app: App) {
    this.#app = app;
  }

  enter(): void {
    void this.#app.functions.refresh();
  }

  render(): TemplateResult {
    const { status } = this.#app;
    return html`<h1>Overview <small>last 15 minutes · ${liveness(this.#app)}</small></h1>
      ${status?.store?.state === "read-only" ? failure(status.store.error) : nothing}
      ${
        status
          ? html`<div class="tiles six">${tiles(status).map(renderTile)}</div>`
          : html`<div class="tiles waiting" aria-hidden="true"></div>`
      }
      <div class="columns">
        <div>
          ${status ? traffic(status) : nothing}
          <section aria-labelledby="busiest">
            <h2 id="busiest">Functions <span>by calls</span></h2>
            ${this.#app.functions.all.render(() => this.#functions())}
          </section>
          ${this.#calls()}
        </div>
        <div>
          ${this.#lately()} ${status ? resources(status) : nothing}
          ${status ? instance(status) : nothing}
        </div>
      </div>`;
  }

  #functions(): TemplateResult {
    const { own } = this.#app.functions;
    return own.length === 0
      ? empty("No functions yet.", "Make and deploy one: moc new javascript hello")
      : functionTable(busiest(own));
  }

  #lately(): TemplateResult {
    const { happenings } = this.#app.live;
    return html`<section aria-labelledby="lately">
      <h2 id="lately">Lately <span>deploys, limits, errors</span></h2>
      ${
        happenings.length === 0
          ? empty("Nothing happened yet.", "Deploys, reloads, limits and errors appear here.")
          : html`<ul class="events">
              ${happenings.slice(0, 8).map(
                (one) =>
                  html`<li>
                    <time class="mono dim">${formatTime(one.at)}</time>
                    <i class="dot ${one.tone}" aria-hidden="true"></i>
                    <a
                      href="#${one.section}/${encodeURIComponent(one.detail)}"
                      title=${one.text}
                      ><b>${one.subject}</b> ${one.text}</a
                    >
                  </li>`,
              )}
            </ul>`
      }
    </section>`;
  }

  #calls(): TemplateResult | typeof nothing {
    const { live, functions } = this.#app;
    const calls = live.calls.filter(
      (one) => !functions.isSystem(one.function) && !isPassedFilter(one),
    );
    if (calls.length === 0 || functions.all.value === undefined) return nothing;
    return html`<section aria-labelledby="latest">
      <h2 id="latest">Latest calls <a href="#calls">all calls</a></h2>
      ${callTable(calls.slice(0, LATEST_CALLS))}
    </section>`;
  }
}

function traffic(status: Status): TemplateResult {
  return html`<section aria-labelledby="traffic">
    <h2 id="traffic">Requests and latency <span>requests/s · p50 and p99 in ms</span></h2>
    ${chart(trafficOf(status))}
  </section>`;
}

function resources({ samples }: Status): TemplateResult {
  const data: ChartData = {
    label: "Memory and executors over the last 15 minutes",
    times: samples.map((one) => one.at / 1000),
    series: [
      {
        label: "MiB",
        colour: "c1",
        fill: true,
        values: samples.map((one) => one.rssBytes / 2 ** 20),
      },
      {
        label: "executors",
        colour: "c2",
        scale: "count",
        values: samples.map((one) => one.executors),
      },
    ],
  };
  return html`<section aria-labelledby="resources">
    <h2 id="resources">Memory and executors <span>MiB · count</span></h2>
    ${chart(data)}
  </section>`;
}

function instance(status: Status): TemplateResult {
  const { store = { state: "ok" } } = status;
  const pairs: readonly (readonly [string, string])[] = [
    ["health", store.state === "ok" ? "answers" : "reads only, the store takes no writes"],
    ["address", status.url],
    ["up", formatUptime(status.uptimeMs)],
    ["version", `${status.version} on node ${status.node}`],
    ["data", status.dataFolder],
    ["calls", `${formatCount(status.counters.calls ?? 0)} since the start`],
    ["heap", formatBytes(status.memory.heapBytes)],
  ];
  return html`<section aria-labelledby="instance">
    <h2 id="instance">Instance <span>process ${status.pid}</span></h2>
    <div class="facts">
      ${pairs.map(([name, value]) => html`<span class="dim">${name}</span><span class="mono ellipsis" title=${value}>${value}</span>`)}
    </div>
  </section>`;
}

function busiest(all: readonly FunctionSummary[]): readonly FunctionSummary[] {
  return [...all].sort((a, b) => b.calls - a.calls).slice(0, BUSIEST);
}

function tiles(status: Status): readonly Tile[] {
  const { samples } = status;
  const last = samples.at(-1);
  const [p50, p50Unit] = splitLatency(last?.p50Ms ?? 0);
  const [p99, p99Unit] = splitLatency(last?.p99Ms ?? 0);
  const requests = last?.requests ?? 0;
  const rate = requests / SAMPLE_SECONDS;
  const errorShare = requests > 0 ? (100 * (last?.errors ?? 0)) / requests : 0;
  const rss = status.memory.rssBytes / 2 ** 20;
  return [
    {
      label: "requests",
      value: rate < 10 ? rate.toFixed(1) : formatCount(Math.round(rate)),
      unit: "/s",
      colour: "c1",
      points: samples.map((one) => one.requests),
    },
    {
      label: "latency p50",
      value: p50,
      unit: p50Unit,
      colour: "c3",
      points: samples.map((one) => one.p50Ms),
    },
    {
      label: "latency p99",
      value: p99,
      unit: p99Unit,
      colour: "c4",
      points: samples.map((one) => one.p99Ms),
    },
    {
      label: "errors",
      value: errorShare.toFixed(errorShare > 0 && errorShare < 1 ? 2 : 0),
      unit: "%",
      colour: "err",
      points: samples.map((one) => one.errors),
    },
    {
      label: "executors",
      value: String(status.executors.filter((one) => one.state !== "spare").length),
      unit: `+ ${status.executors.filter((one) => one.state === "spare").length} spare`,
      colour: "c2",
      points: samples.map((one) => one.executors),
    },
    {
      label: "memory",
      value: rss.toFixed(0),
      unit: "MiB",
      colour: "c1",
      points: samples.map((one) => one.rssBytes),
    },
  ];
}

function renderTile(tile: Tile): TemplateResult {
  return html`<div class="tile">
    <span class="label">${tile.label}</span>
    <b>${tile.value}<i>${tile.unit}</i></b>
    ${sparkline(tile.points, tile.colour)}
  </div>`;
}

function trafficOf(status: Status): ChartData {
  const { samples } = status;
  return {
    label: "Requests per second and latency over the last 15 minutes",
    times: samples.map((one) => one.at / 1000),
    series: [
      {
        label: "requests/s",
        colour: "c1",
        fill: true,
        values: samples.map((one) => one.requests / SAMPLE_SECONDS),
      },
      { label: "p50 ms", colour: "c3", scale: "ms", values: samples.map((one) => one.p50Ms) },
      { label: "p99 ms", colour: "c4", scale: "ms", values: samples.map((one) => one.p99Ms) },
    ],
  };
}
