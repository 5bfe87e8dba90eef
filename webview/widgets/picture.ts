import { html, type TemplateResult } from "lit";

/** A picture out of bytes, drawn on a plain canvas: the page loads no address for it. */
export function picture(bytes: Uint8Array, type: string): TemplateResult {
  return html`<moc-picture .source=${{ bytes, type }}></moc-picture>`;
}

interface Source {
  readonly bytes: Uint8Array;
  readonly type: string;
}

class PictureElement extends HTMLElement {
  readonly #canvas = document.createElement("canvas");
  readonly #caption = document.createElement("div");
  #shown: Uint8Array | undefined;

  constructor() {
    super();
    this.#caption.className = "mono dim";
    this.#canvas.addEventListener("pointermove", (event) => this.#point(event));
  }

  connectedCallback(): void {
    if (!this.#canvas.isConnected) this.append(this.#canvas, this.#caption);
  }

  set source({ bytes, type }: Source) {
    if (bytes === this.#shown) return;
    this.#shown = bytes;
    void this.#draw(bytes, type);
  }

  async #draw(bytes: Uint8Array, type: string): Promise<void> {
    try {
      const blob = new Blob([bytes as Uint8Array<ArrayBuffer>], { type });
      const bitmap = await createImageBitmap(blob);
      if (bytes !== this.#shown) return;
      this.#canvas.width = bitmap.width;
      this.#canvas.height = bitmap.height;
      this.#canvas.getContext("2d", { willReadFrequently: true })?.drawImage(bitmap, 0, 0);
      this.#caption.textContent = `${bitmap.width} × ${bitmap.height}`;
    } catch {
      this.#caption.textContent = "This picture cannot be decoded.";
    }
  }

  #point(event: PointerEvent): void {
    const { width, height } = this.#canvas;
    const x = Math.floor((event.offsetX * width) / this.#canvas.clientWidth);
    const y = Math.floor((event.offsetY * height) / this.#canvas.clientHeight);
    const pixel = this.#canvas.getContext("2d")?.getImageData(x, y, 1, 1).data;
    if (!pixel) return;
    const value = [...pixel].map((one) => (one / 255).toFixed(3)).join(" ");
    this.#caption.textContent = `${width} × ${height} · (${x}, ${y}) = ${value}`;
  }
}

customElements.define("moc-picture", PictureElement);
