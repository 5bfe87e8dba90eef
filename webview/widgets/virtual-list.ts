import { html, render, type TemplateResult } from "lit";

interface VirtualListOptions<T> {
  readonly items: readonly T[];
  /** Every row has this height, in CSS pixels. */
  readonly rowHeight: number;
  /** Keep the end in view while the user has not scrolled away from it. */
  readonly follow: boolean;
  readonly label: string;
  row(item: T): TemplateResult;
}

/** A list of which only the visible rows exist, so that its length costs nothing. */
export function virtualList<T>(options: VirtualListOptions<T>): TemplateResult {
  return html`<moc-virtual-list .options=${options}></moc-virtual-list>`;
}

const MARGIN_ROWS = 10;

class VirtualListElement extends HTMLElement {
  readonly #space = document.createElement("div");
  readonly #rows = document.createElement("div");
  #options: VirtualListOptions<unknown> | undefined;
  #atEnd = true;

  constructor() {
    super();
    this.#space.className = "space";
    this.#rows.className = "rows";
    this.#space.append(this.#rows);
    this.addEventListener("scroll", () => {
      this.#atEnd = this.scrollTop + this.clientHeight >= this.scrollHeight - 4;
      this.#draw();
    });
  }

  connectedCallback(): void {
    this.tabIndex = 0;
    this.setAttribute("role", "region");
    if (!this.#space.isConnected) this.append(this.#space);
    requestAnimationFrame(() => this.#show());
  }

  set options(options: VirtualListOptions<unknown>) {
    this.#options = options;
    this.setAttribute("aria-label", options.label);
    this.#show();
  }

  #show(): void {
    const options = this.#options;
    if (!options) return;
    this.#space.style.height = `${options.items.length * options.rowHeight}px`;
    if (options.follow && this.#atEnd) this.scrollTop = this.scrollHeight;
    this.#draw();
  }

  #draw(): void {
    const options = this.#options;
    if (!options) return;
    const first = Math.max(0, Math.floor(this.scrollTop / options.rowHeight) - MARGIN_ROWS);
    const count = Math.ceil((this.clientHeight || 400) / options.rowHeight) + 2 * MARGIN_ROWS;
    const visible = options.items.slice(first, first + count);
    this.#rows.style.transform = `translateY(${first * options.rowHeight}px)`;
    render(
      visible.map((item) => options.row(item)),
      this.#rows,
    );
  }
}

customElements.define("moc-virtual-list", VirtualListElement);
