import { html, type TemplateResult } from "lit";
import type { NumberGrid } from "../shader-result.ts";

/** One square of colour a cell; the value under the pointer is told below. */
export function heatMap(grid: NumberGrid): TemplateResult {
  return html`<moc-heat-map .grid=${grid}></moc-heat-map>`;
}

const ROWS_MAX = 64;

/** The numbers in rows, cut to what can be read. */
export function numberTable({ values, width, channels }: NumberGrid): TemplateResult {
  const perRow = Math.min(width * channels, 16);
  const rows = Math.min(ROWS_MAX, Math.ceil(values.length / perRow));
  const lines = Array.from({ length: rows }, (_, row) => {
    const cells = [...values.subarray(row * perRow, (row + 1) * perRow)];
    return `${String(row * perRow).padStart(6)} ${cells.map((one) => short(one).padStart(11)).join("")}`;
  });
  const left = values.length - rows * perRow;
  return html`<pre class="box table" tabindex="0" aria-label="Numbers">${lines.join("\n")}</pre>
    ${left > 0 ? html`<div class="dim">… ${left} more; save them to see all.</div>` : ""}`;
}

function short(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(6);
}

class HeatMapElement extends HTMLElement {
  readonly #canvas = document.createElement("canvas");
  readonly #caption = document.createElement("div");
  #grid: NumberGrid | undefined;
  #facts = "";

  constructor() {
    super();
    this.#caption.className = "mono dim";
    this.#canvas.setAttribute("role", "img");
    this.#canvas.setAttribute("aria-label", "Heat map");
    this.#canvas.addEventListener("pointermove", (event) => this.#point(event));
    this.#canvas.addEventListener("pointerleave", () => {
      this.#caption.textContent = this.#facts;
    });
  }

  connectedCallback(): void {
    if (!this.#canvas.isConnected) this.append(this.#canvas, this.#caption);
  }

  set grid(grid: NumberGrid) {
    if (grid === this.#grid) return;
    this.#grid = grid;
    const { width, channels, values } = grid;
    const cells = Math.ceil(values.length / channels);
    const height = Math.ceil(cells / width);
    this.#canvas.width = width;
    this.#canvas.height = height;
    const finite = values.filter((one) => Number.isFinite(one));
    const least = finite.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
    const most = finite.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    const context = this.#canvas.getContext("2d");
    const image = context?.createImageData(width, height);
    if (!context || !image) return;
    for (let cell = 0; cell < cells; cell++) {
      const share = ((values[cell * channels] ?? Number.NaN) - least) / (most - least || 1);
      image.data.set(heat(share), cell * 4);
    }
    context.putImageData(image, 0, 0);
    this.#facts = `${width} × ${height}, from ${short(least)} to ${short(most)}`;
    this.#caption.textContent = this.#facts;
  }

  #point(event: PointerEvent): void {
    const grid = this.#grid;
    if (!grid) return;
    const x = Math.floor((event.offsetX * this.#canvas.width) / this.#canvas.clientWidth);
    const y = Math.floor((event.offsetY * this.#canvas.height) / this.#canvas.clientHeight);
    const cell = (y * grid.width + x) * grid.channels;
    const value = [...grid.values.subarray(cell, cell + grid.channels)].map(short);
    if (value.length > 0) this.#caption.textContent = `(${x}, ${y}) = ${value.join(" ")}`;
  }
}

/** From dark blue over magenta to yellow, readable for all kinds of colour vision. */
function heat(share: number): [number, number, number, number] {
  if (!Number.isFinite(share)) return [128, 128, 128, 255];
  const red = Math.min(255, 60 + 340 * share);
  const green = Math.max(0, 380 * (share - 0.45));
  const blue = share < 0.5 ? 90 + 140 * share : 160 - 260 * (share - 0.5);
  return [red, Math.min(255, green), Math.max(20, blue), 255];
}

customElements.define("moc-heat-map", HeatMapElement);
