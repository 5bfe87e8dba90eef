import { html, type TemplateResult } from "lit";
import { hexDump } from "../bytes.ts";

const SHOWN = 4096;

/** Bytes of a shader's result as numbers: a heat map and a table, or hex when they are none. */
export function floatView(bytes: Uint8Array): TemplateResult {
  if (bytes.length % 4 !== 0 || bytes.length === 0) {
    return html`<pre class="box" tabindex="0">${hexDump(bytes, SHOWN)}</pre>`;
  }
  const values = new Float32Array(bytes.slice(0, SHOWN * 4).buffer);
  return html`<moc-heat-map .values=${values}></moc-heat-map>
    <pre class="box" tabindex="0">${table(values)}</pre>`;
}

function table(values: Float32Array): string {
  const lines: string[] = [];
  for (let row = 0; row < Math.min(values.length, 512); row += 8) {
    const cells = [...values.subarray(row, row + 8)].map((one) => one.toPrecision(6).padStart(13));
    lines.push(`${String(row).padStart(6)} ${cells.join("")}`);
  }
  return lines.join("\n");
}

/** One square of colour a number, as near to a square as their count allows. */
class HeatMapElement extends HTMLElement {
  readonly #canvas = document.createElement("canvas");
  readonly #caption = document.createElement("div");
  #values = new Float32Array();
  #columns = 1;

  constructor() {
    super();
    this.#caption.className = "mono dim";
    this.#canvas.addEventListener("pointermove", (event) => {
      const x = Math.floor((event.offsetX * this.#canvas.width) / this.#canvas.clientWidth);
      const y = Math.floor((event.offsetY * this.#canvas.height) / this.#canvas.clientHeight);
      const index = y * this.#columns + x;
      const value = this.#values[index];
      if (value !== undefined) this.#caption.textContent = `[${index}] = ${value}`;
    });
  }

  connectedCallback(): void {
    if (!this.#canvas.isConnected) this.append(this.#canvas, this.#caption);
  }

  set values(values: Float32Array) {
    this.#values = values as Float32Array<ArrayBuffer>;
    this.#columns = Math.ceil(Math.sqrt(values.length));
    const rows = Math.ceil(values.length / this.#columns);
    this.#canvas.width = this.#columns;
    this.#canvas.height = rows;
    const finite = values.filter((one) => Number.isFinite(one));
    const least = finite.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
    const most = finite.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    const context = this.#canvas.getContext("2d");
    const image = context?.createImageData(this.#columns, rows);
    if (!context || !image) return;
    for (const [index, value] of values.entries()) {
      image.data.set(heat((value - least) / (most - least || 1)), index * 4);
    }
    context.putImageData(image, 0, 0);
    this.#caption.textContent = `${values.length} numbers from ${least} to ${most}`;
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
