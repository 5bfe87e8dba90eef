/** The request editor's page: draws what the extension sends, tells it what the user does. */
import type { RequestForm } from "../request/form.ts";
import type { PageState } from "../request/messages.ts";
import { element, select } from "./element.ts";
import { focusPlace, restoreFocus } from "./focus.ts";
import { keep, kept, listen, send } from "./host.ts";
import { requestView } from "./request-view.ts";
import { responseView } from "./response-view.ts";

class RequestPage {
  readonly #root: HTMLElement;
  #state: PageState | undefined;
  #form: RequestForm | undefined;
  #formVersion: number | undefined;
  /** The form was changed here since it was filled. */
  #edited = false;
  #header: HTMLElement | undefined;
  #tab: string;
  /** Chosen ways of showing a body, by the one that would be shown. */
  #bodyAs: Readonly<Record<string, string>>;

  constructor(root: HTMLElement) {
    this.#root = root;
    const { tab = "body", bodyAs = {} } = kept();
    this.#tab = tab;
    this.#bodyAs = bodyAs;
    listen(({ state }) => this.#take(state));
    document.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.#send();
      if (event.key === "Escape" && this.#state?.busy) send({ kind: "cancel" });
    });
    send({ kind: "ready" });
  }

  #take(state: PageState): void {
    this.#state = state;
    // What is being typed is ahead of what the extension has heard of.
    if (state.formVersion !== this.#formVersion) {
      this.#form = state.form;
      this.#edited = false;
    }
    this.#formVersion = state.formVersion;
    this.#keep();
    this.#draw();
  }

  #send(): void {
    if (this.#form && !this.#state?.busy) send({ kind: "send", form: this.#form });
  }

  #edit(change: (form: RequestForm) => Partial<RequestForm>, again: boolean): void {
    if (!this.#form || !this.#state) return;
    const form = { ...this.#form, ...change(this.#form) };
    this.#form = form;
    this.#keep();
    send({ kind: "changed", form });
    const first = !this.#edited;
    this.#edited = true;
    // Drawing while somebody types would take the cursor away.
    if (again) this.#draw();
    else if (first) this.#drawEdited(this.#state);
  }

  /** From the first change on, the sample can be chosen again. */
  #drawEdited(state: PageState): void {
    const header = this.#heading({ ...state, edited: true });
    this.#header?.replaceWith(header);
    this.#header = header;
  }

  #keep(): void {
    if (!this.#state || !this.#form) return;
    const [tab, bodyAs] = [this.#tab, this.#bodyAs];
    keep({ function: this.#state.function, form: this.#form, tab, bodyAs });
  }

  #draw(): void {
    const state = this.#state;
    const form = this.#form;
    if (!state || !form) return;
    const focused = focusPlace();
    const request = requestView({
      state,
      form,
      edit: (change, again = false) => this.#edit(change, again),
      send: () => this.#send(),
      cancel: () => send({ kind: "cancel" }),
      chooseFile: () => send({ kind: "chooseFile" }),
      saveSample: () => this.#withForm("saveSample"),
      copyCurl: () => this.#withForm("copyCurl"),
    });
    const response = responseView({
      state,
      tab: this.#tab,
      bodyAs: this.#bodyAs,
      choose: ({ tab, bodyAs }) => {
        this.#tab = tab;
        this.#bodyAs = { ...this.#bodyAs, ...bodyAs };
        this.#keep();
        this.#draw();
      },
      saveBody: () => send({ kind: "saveBody" }),
      openBody: () => send({ kind: "openBody" }),
      openPosition: () => send({ kind: "openPosition" }),
      compare: () => send({ kind: "compare" }),
    });
    const edited = state.edited || this.#edited;
    this.#header = this.#heading({ ...state, edited });
    this.#root.replaceChildren(this.#header, element("main", {}, request, response));
    restoreFocus(focused);
  }

  #withForm(kind: "saveSample" | "copyCurl"): void {
    if (this.#form) send({ kind, form: this.#form });
  }

  #heading(state: PageState): HTMLElement {
    const text = (key: string): string => state.strings[key] ?? key;
    const from = state.samples.find(({ file }) => file === state.sample);
    const prompt =
      from && state.edited ? `${text("editedSample")} ${from.name}` : text("chooseSample");
    const samples = [
      { value: "", text: prompt },
      ...state.samples.map(({ file, name }) => ({ value: file, text: name })),
    ];
    const history = [
      { value: "", text: text("history") },
      ...state.history.map(({ id, at, title, status }) => ({
        value: String(id),
        text: `${new Date(at).toLocaleTimeString()}  ${status}  ${title}`,
      })),
    ];
    return element(
      "header",
      {},
      element("h1", {}, state.function),
      select(text("samples"), samples, state.edited ? "" : (state.sample ?? ""), (file) => {
        if (file) send({ kind: "useSample", file });
      }),
      state.history.length > 0
        ? select(text("history"), history, "", (id) => {
            if (id) send({ kind: "useHistory", id: Number(id) });
          })
        : undefined,
    );
  }
}

const root = document.getElementById("page");
if (root) new RequestPage(root);
