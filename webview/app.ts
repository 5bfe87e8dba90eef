import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { MocError } from "../runtime/protocol/errors.ts";
import type { Status } from "../runtime/protocol/rest.ts";
import { formatUptime } from "./format.ts";
import type { Keeper } from "./keeper.ts";
import { Live } from "./live.ts";
import { failure } from "./loading.ts";
import { type Place, parsePlace, placeHash, SECTIONS, type SectionID } from "./sections.ts";
import { button } from "./toolkit.ts";
import type { Transport } from "./transport/transport.ts";
import type { App, View } from "./view.ts";
import { VIEWS } from "./views/list.ts";

const REFRESH_MS = 5000;
const TOAST_MS = 6000;

interface Question {
  readonly text: string;
  readonly action: string;
  answer(yes: boolean): void;
}

/** The dashboard: navigation, the present view, messages and questions. */
export class Dashboard extends LitElement implements App {
  readonly transport: Transport;
  readonly live: Live;
  readonly #keeper: Keeper;
  readonly #views = new Map<SectionID, View>();
  #place: Place;
  #status: Status | undefined;
  #statusError: MocError | undefined;
  #toast: { readonly text: string; readonly tone: "info" | "err" } | undefined;
  #question: Question | undefined;

  constructor(transport: Transport, keeper: Keeper) {
    super();
    this.transport = transport;
    this.#keeper = keeper;
    this.live = new Live(() => {
      this.#view().liveChanged?.();
      this.requestUpdate();
    });
    this.#place = parsePlace(location.hash || keeper.load("place", ""));
  }

  get status(): Status | undefined {
    return this.#status;
  }

  /** One style sheet for the page, so that views are plain markup. */
  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener("hashchange", () => this.#moved(parsePlace(location.hash)));
    this.transport.events(
      (event) => this.live.receive(event),
      (connected) => this.live.setConnected(connected),
    );
    void this.#refresh();
    setInterval(() => {
      if (!document.hidden) void this.#refresh();
    }, REFRESH_MS);
    this.#view().enter(this.#place.detail);
  }

  go(place: Place): void {
    // A webview has no address bar of its own, but the hash works all the same.
    location.hash = placeHash(place);
  }

  invalidate(): void {
    this.requestUpdate();
  }

  tell(text: string, tone: "info" | "err" = "info"): void {
    const toast = { text, tone };
    this.#toast = toast;
    this.requestUpdate();
    setTimeout(() => {
      if (this.#toast === toast) this.#toast = undefined;
      this.requestUpdate();
    }, TOAST_MS);
  }

  confirm(question: string, action: string): Promise<boolean> {
    return new Promise((resolve) => {
      this.#question = {
        text: question,
        action,
        answer: (yes) => {
          this.#question = undefined;
          this.requestUpdate();
          resolve(yes);
        },
      };
      this.requestUpdate();
    });
  }

  load<T>(key: string, byDefault: T): T {
    return this.#keeper.load(key, byDefault);
  }

  keep(key: string, value: unknown): void {
    this.#keeper.keep(key, value);
  }

  protected override updated(_: PropertyValues): void {
    const dialog = this.querySelector("dialog");
    if (dialog && !dialog.open) dialog.showModal();
  }

  protected override render(): TemplateResult {
    return html`${this.#navigation()}
      <main id="main" tabindex="-1" aria-label=${this.#title()}>
        ${this.#status || !this.#statusError ? this.#view().render() : failure(this.#statusError)}
      </main>
      <div class="visually-hidden" aria-live="polite">${this.#toast?.text ?? ""}</div>
      ${this.#toast ? html`<div class="toast ${this.#toast.tone}">${this.#toast.text}</div>` : nothing}
      ${this.#question ? this.#dialog(this.#question) : nothing}`;
  }

  #navigation(): TemplateResult {
    const status = this.#status;
    const up = status && this.live.connected;
    return html`<nav aria-label="Sections">
      <div class="instance">
        <b><i class="dot ${up ? "ok" : "err"}"></i>my-own-cluster</b>
        <span class="dim">
          ${
            status
              ? `${new URL(status.url).host} · ${formatUptime(status.uptimeMs)}`
              : this.#statusError
                ? "not reachable"
                : "connecting…"
          }
        </span>
      </div>
      ${SECTIONS.map(
        (one) =>
          html`<a href="#${one.id}" aria-current=${one.id === this.#place.section ? "page" : "false"}
            >${one.title}</a
          >`,
      )}
      <div class="foot">
        ${status ? html`version ${status.version}<br />node ${status.node}` : nothing}
        ${this.live.dropped > 0 ? html`<br />${this.live.dropped} events dropped` : nothing}
      </div>
    </nav>`;
  }

  #dialog(question: Question): TemplateResult {
    return html`<dialog aria-label="Please confirm" @cancel=${() => question.answer(false)}>
      ${question.text}
      <div class="toolbar">
        ${button("Cancel", { secondary: true, onClick: () => question.answer(false) })}
        ${button(question.action, { onClick: () => question.answer(true) })}
      </div>
    </dialog>`;
  }

  #title(): string {
    return SECTIONS.find((one) => one.id === this.#place.section)?.title ?? "";
  }

  #view(): View {
    const { section } = this.#place;
    let view = this.#views.get(section);
    if (!view) {
      view = VIEWS[section](this);
      this.#views.set(section, view);
    }
    return view;
  }

  #moved(place: Place): void {
    if (place.section !== this.#place.section) this.#view().leave?.();
    this.#place = place;
    this.#keeper.keep("place", placeHash(place));
    this.#view().enter(place.detail);
    this.requestUpdate();
  }

  async #refresh(): Promise<void> {
    try {
      this.#status = await this.transport.call("status");
      this.#statusError = undefined;
    } catch (thrown) {
      this.#statusError = MocError.from(thrown);
      this.live.setConnected(false);
    }
    this.requestUpdate();
  }
}

customElements.define("moc-dashboard", Dashboard);
