import { html, type TemplateResult } from "lit";
import uPlot from "uplot";

interface ChartSeries {
  readonly label: string;
  /** Name of a palette colour: `c1`… */
  readonly colour: string;
  readonly values: readonly number[];
  /** Series of one scale share an axis; default: the left one. */
  readonly scale?: string;
  readonly fill?: boolean;
}

export interface ChartData {
  /** What the chart shows, for those who cannot see it. */
  readonly label: string;
  /** Unix time in s. */
  readonly times: readonly number[];
  readonly series: readonly ChartSeries[];
}

const HEIGHT = 170;
/** Time shown at most and, when the runtime has just been started, at least; in s. */
const SPAN_MAX = 15 * 60;
const SPAN_MIN = 60;

/** A chart over the last 15 minutes. */
export function chart(data: ChartData): TemplateResult {
  return html`<moc-chart .data=${data}></moc-chart>`;
}

class ChartElement extends HTMLElement {
  #plot: uPlot | undefined;
  #data: ChartData | undefined;
  readonly #resize = new ResizeObserver(() => this.#fit());
  readonly #dark = matchMedia("(prefers-color-scheme: dark)");
  /** The editor tells its theme by the body's class, the browser by a media query. */
  readonly #theme = new MutationObserver(() => this.#remake());
  readonly #remakeBound = () => this.#remake();

  connectedCallback(): void {
    this.setAttribute("role", "img");
    this.#resize.observe(this);
    this.#theme.observe(document.body, { attributeFilter: ["class"] });
    this.#dark.addEventListener("change", this.#remakeBound);
    this.#remake();
  }

  disconnectedCallback(): void {
    this.#resize.disconnect();
    this.#theme.disconnect();
    this.#dark.removeEventListener("change", this.#remakeBound);
    this.#plot?.destroy();
    this.#plot = undefined;
  }

  set data(data: ChartData) {
    this.#data = data;
    this.setAttribute("aria-label", data.label);
    if (this.#plot) this.#plot.setData(aligned(data));
    else this.#remake();
  }

  /** Colours are only known while the element stands in the page. */
  #remake(): void {
    this.#plot?.destroy();
    this.#plot = undefined;
    if (!this.#data || !this.isConnected) return;
    this.#plot = new uPlot(this.#options(this.#data), aligned(this.#data), this);
  }

  #fit(): void {
    if (this.clientWidth > 0) this.#plot?.setSize({ width: this.clientWidth, height: HEIGHT });
  }

  #options(data: ChartData): uPlot.Options {
    const style = getComputedStyle(this);
    const colour = (name: string) => style.getPropertyValue(`--moc-${name}`).trim();
    const line = { stroke: colour("line"), width: 1 };
    const axis = { stroke: colour("dim"), grid: line, ticks: { show: false }, font: FONT };
    const right = data.series.find((one) => one.scale !== undefined)?.scale;
    return {
      width: this.clientWidth || 600,
      height: HEIGHT,
      cursor: { y: false },
      legend: { live: true },
      scales: {
        x: { time: true, range: lately },
        y: { range: fromZero },
        ...(right !== undefined && { [right]: { range: fromZero } }),
      },
      axes: [
        { ...axis, size: 28, values: minutes, grid: { show: false } },
        { ...axis, size: 46 },
        ...(right === undefined
          ? []
          : [{ ...axis, scale: right, side: 1 as const, size: 46, grid: { show: false } }]),
      ],
      series: [
        { value: "{HH}:{mm}:{ss}" },
        ...data.series.map((one) => ({
          label: one.label,
          stroke: colour(one.colour),
          width: 1.5,
          scale: one.scale ?? "y",
          points: { show: false },
          value: (_: uPlot, value: number | null) => (value === null ? "–" : value.toFixed(2)),
          ...(one.fill && { fill: `color-mix(in srgb, ${colour(one.colour)} 18%, transparent)` }),
        })),
      ],
    };
  }
}

const FONT = "11px system-ui, sans-serif";

function aligned(data: ChartData): uPlot.AlignedData {
  return [data.times, ...data.series.map((one) => one.values)].map((one) => [
    ...one,
  ]) as uPlot.AlignedData;
}

const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });

/** A minute is written where it begins, however near the ticks are. */
function minutes(_: uPlot, ticks: readonly number[]): string[] {
  return ticks.map((one) => (one % 60 === 0 ? CLOCK.format(one * 1000) : ""));
}

function lately(_: uPlot, first: number | null, last: number | null): [number, number] {
  const end = last ?? Date.now() / 1000;
  const span = Math.min(SPAN_MAX, Math.max(SPAN_MIN, end - (first ?? end)));
  return [end - span, end];
}

function fromZero(_: uPlot, __: number, most: number): [number, number] {
  return [0, most > 0 ? most * 1.1 : 1];
}

customElements.define("moc-chart", ChartElement);
