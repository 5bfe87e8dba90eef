import { html, type TemplateResult } from "lit";
import uPlot from "uplot";

export interface ChartSeries {
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

const HEIGHT = 180;

/** A chart over time. */
export function chart(data: ChartData): TemplateResult {
  return html`<moc-chart .data=${data}></moc-chart>`;
}

class ChartElement extends HTMLElement {
  #plot: uPlot | undefined;
  #shape = "";
  #data: ChartData | undefined;
  readonly #resize = new ResizeObserver(() => this.#fit());

  connectedCallback(): void {
    this.setAttribute("role", "img");
    this.#resize.observe(this);
  }

  disconnectedCallback(): void {
    this.#resize.disconnect();
    this.#plot?.destroy();
    this.#plot = undefined;
    this.#shape = "";
  }

  set data(data: ChartData) {
    this.#data = data;
    this.setAttribute("aria-label", data.label);
    const values = [data.times, ...data.series.map((one) => one.values)].map((one) => [...one]);
    const shape = data.series.map((one) => one.label).join();
    if (this.#plot && shape === this.#shape) {
      this.#plot.setData(values as uPlot.AlignedData);
      return;
    }
    this.#plot?.destroy();
    this.#shape = shape;
    this.#plot = new uPlot(this.#options(data), values as uPlot.AlignedData, this);
  }

  #fit(): void {
    if (this.clientWidth > 0) this.#plot?.setSize({ width: this.clientWidth, height: HEIGHT });
    else if (this.#data && !this.#plot) this.data = this.#data;
  }

  #options(data: ChartData): uPlot.Options {
    const style = getComputedStyle(this);
    const colour = (name: string) => style.getPropertyValue(`--moc-${name}`).trim();
    const line = colour("line");
    const axis = {
      stroke: colour("dim"),
      grid: { stroke: line, width: 1 },
      ticks: { show: false },
    };
    return {
      width: this.clientWidth || 600,
      height: HEIGHT,
      cursor: { y: false },
      legend: { live: true },
      scales: { x: { time: true }, y: { range: fromZero }, ms: { range: fromZero } },
      axes: [
        axis,
        { ...axis, size: 46 },
        { ...axis, scale: "ms", side: 1, size: 46, grid: { show: false } },
      ],
      series: [
        {},
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

function fromZero(_: uPlot, __: number, most: number): [number, number] {
  return [0, most > 0 ? most * 1.1 : 1];
}

customElements.define("moc-chart", ChartElement);
