import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { MocError } from "../runtime/protocol/errors.ts";
import type { Status } from "../runtime/protocol/rest.ts";
import { formatBytes, formatCount, formatUptime } from "./format.ts";
import { FunctionCatalogue } from "./function-catalogue.ts";
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
const PAST_FAILURES = 30;
/** Sections that show figures of functions, which change with every call. */
const SECTIONS_WITH_FIGURES: ReadonlySet<SectionID> = new Set(["overview", "functions"]);

interface Question {
  readonly text: string;
  readonly action: string;
  answer(yes: boolean): void;
}

/** The dashboard: navigation, the present view, messages and questions. */
export class Dashboard extends LitElement implements App {
  readonly transport: Transport;
  readonly live: Live;
  readonly functions: FunctionCatalogue;
  readonly #keeper: Keeper;
  readonly #views = new Map<SectionID, View>();
  #place: Place;
  /** The section whose link was last brought into view. */
  #shown: SectionID | undefined;
  #status: Status | undefined;
  #statusError: MocError | undefined;
  #toast: { readonly text: string; readonly tone: "info" | "err" } | undefined;
  #question: Question | undefined;
  #functionsRevision = 0;
  #wasConnected = false;

  constructor(transport: Transport, keeper: Keeper) {
    super();
    this.transport = transport;
    this.#keeper = keeper;
    this.functions = new FunctionCatalogue(transport, () => this.requestUpdate());
    this.live = new Live(
      () => this.#liveChanged(),
      (name) => this.functions.isSystem(name),
    );
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
    if (this.transport.editor) this.addEventListener("click", (event) => this.#followLink(event));
    window.addEventListener("hashchange", () => this.#moved(parsePlace(location.hash)));
    this.transport.events(
      (event) => this.live.receive(event),
      (connected) => this.#connectionChanged(connected),
    );
    void this.#refresh();
    setInterval(() => {
      if (!document.hidden) void this.#refresh();
    }, REFRESH_MS);
    this.#view().enter(this.#place.detail);
  }

  go(place: Place): void {
    if (this.transport.editor) this.#moved(place);
    else location.hash = placeHash(place);
  }

  /** The editor takes a link to a fragment for a place to scroll to, and goes nowhere. */
  #followLink(event: Event): void {
    if (event.defaultPrevented) return;
    const link = event.composedPath().find((one) => one instanceof HTMLAnchorElement);
    const href = link?.getAttribute("href");
    if (!href?.startsWith("#")) return;
    event.preventDefault();
    this.go(parsePlace(href));
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
    if (this.#shown === this.#place.section) return;
    this.#shown = this.#place.section;
    // In a narrow window the sections are a row that is longer than the window.
    const link = this.querySelector('nav [aria-current="page"]');
    link?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  protected override render(): TemplateResult {
    return html`${this.#navigation()}
      <main id="main" tabindex="-1" aria-label=${this.#title()}>
        ${this.#content()}
      </main>
      <div class="visually-hidden" aria-live="polite">${this.#toast?.text ?? ""}</div>
      ${this.#toast ? html`<div class="toast ${this.#toast.tone}">${this.#toast.text}</div>` : nothing}
      ${this.#question ? this.#dialog(this.#question) : nothing}`;
  }

  /** A session that ended, or a runtime that is gone: what was there is kept below the notice. */
  #content(): TemplateResult {
    const error = this.#statusError;
    if (error?.code === "MOC_UNAUTHORIZED") return signedOut(this.transport.editor);
    if (!error) return this.#view().render();
    const notice = failure(error);
    return this.#status ? html`${notice}${this.#view().render()}` : notice;
  }

  #navigation(): TemplateResult {
    const status = this.#status;
    const up = status && this.live.connected && !this.#statusError;
    return html`<nav aria-label="Sections">
      <div class="instance">
        <b><i class="dot ${up ? "ok" : "err"}" aria-hidden="true"></i>my-own-cluster</b>
        <span class="dim">
          ${
            this.#statusError
              ? reachability(this.#statusError)
              : status
                ? `${new URL(status.url).host} · ${formatUptime(status.uptimeMs)}`
                : "connecting…"
          }
        </span>
      </div>
      ${SECTIONS.map(
        (one) =>
          html`<a href="#${one.id}" aria-current=${one.id === this.#place.section ? "page" : "false"}
            >${one.title}<span>${this.#countOf(one.id)}</span></a
          >`,
      )}
      <div class="foot">
        ${
          status
            ? html`executors ${status.executors.length} · ${formatBytes(status.memory.rssBytes)}<br />
                version ${status.version}<br />`
            : nothing
        }
        ${
          this.live.dropped > 0
            ? html`<span class="warn">${formatCount(this.live.dropped)} events dropped</span>`
            : nothing
        }
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

  /** Beside a section's title, where a number says something. */
  #countOf(section: SectionID): string {
    const { own } = this.functions;
    return section === "functions" && own.length > 0 ? formatCount(own.length) : "";
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
    const elsewhere = place.section !== this.#place.section;
    if (elsewhere) this.#view().leave?.();
    this.#place = place;
    this.#keeper.keep("place", placeHash(place));
    this.#view().enter(place.detail);
    this.requestUpdate();
    const main = this.querySelector("main");
    if (elsewhere) main?.scrollTo(0, 0);
  }

  #liveChanged(): void {
    const { functions } = this.live.revisions;
    if (functions !== this.#functionsRevision) {
      this.#functionsRevision = functions;
      void this.functions.refresh();
    }
    this.#view().liveChanged?.();
    this.requestUpdate();
  }

  #connectionChanged(connected: boolean): void {
    this.live.setConnected(connected);
    if (!connected) return;
    if (this.#wasConnected) {
      this.live.missedSome();
      void this.#refresh();
      // What the section missed, or could not load.
      this.#view().enter(this.#place.detail);
    }
    this.#wasConnected = true;
    void this.#recall();
  }

  /** What happened before this page was opened, or while it was cut off. */
  async #recall(): Promise<void> {
    try {
      await this.functions.refresh();
      const failed = await this.transport.call("calls", {
        query: { errors: "1", limit: PAST_FAILURES },
      });
      this.live.recall(this.functions.own, failed.calls);
    } catch (thrown) {
      this.#statusError = MocError.from(thrown);
    }
  }

  async #refresh(): Promise<void> {
    try {
      const status = await this.transport.call("status");
      const before = this.#status?.startedAt;
      this.#status = status;
      if (before !== undefined && before !== status.startedAt) {
        this.live.restarted(status.startedAt);
      }
      if (SECTIONS_WITH_FIGURES.has(this.#place.section)) await this.functions.refresh();
      const wasGone = this.#statusError !== undefined;
      this.#statusError = undefined;
      // What the section could not load meanwhile, it can now.
      if (wasGone) this.#view().enter(this.#place.detail);
    } catch (thrown) {
      this.#statusError = MocError.from(thrown);
    }
    this.requestUpdate();
  }
}

function reachability(error: MocError): string {
  return error.code === "MOC_UNAUTHORIZED" ? "signed out" : "not reachable";
}

/** What to do when the session of the browser has ended. */
function signedOut(editor: boolean): TemplateResult {
  return html`<section class="box signed-out" role="alert">
    <h1>You are signed out</h1>
    ${
      editor
        ? html`<p>The runtime has another admin token now. Close this tab and open the dashboard again.</p>`
        : html`<p>
              The session of this browser has ended, or the runtime got another admin token. Run
              <code>moc dashboard</code> for a link that signs you in, or:
            </p>
            <p><a href="/my-own-cluster/sign-in">Sign in with the admin token</a></p>`
    }
    <p class="dim">What you were doing here is kept.</p>
  </section>`;
}
