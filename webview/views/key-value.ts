import { html, nothing, type TemplateResult } from "lit";
import { MocError } from "../../runtime/protocol/errors.ts";
import type { KvEntry, KvPage } from "../../runtime/protocol/rest.ts";
import { asText, fromBase64, hexDump } from "../bytes.ts";
import { formatBytes, formatCount } from "../format.ts";
import { empty, Loading } from "../loading.ts";
import { pickFile } from "../pick-file.ts";
import { button, checkbox, progressRing, textField } from "../toolkit.ts";
import type { App, View } from "../view.ts";
import { KeyEditor } from "./key-editor.ts";
import { exportPrefix, importEntries, type Progress } from "./key-transfer.ts";

const PAGE = 100;
const DELIMITER = "/";

interface Shown extends KvPage {
  readonly prefix: string;
}

/** An export or import that goes on. */
interface Transfer {
  readonly what: string;
  keys: number;
  stopped: boolean;
}

/** The key-value store: by prefix, page by page, edited in place. */
export class KeyValue implements View {
  readonly #app: App;
  readonly #page: Loading<Shown>;
  readonly #editor: KeyEditor;
  #prefix = "";
  #grouped: boolean;
  /** Starts of the pages before this one. */
  #before: (string | undefined)[] = [];
  #after: string | undefined;
  #moving: Transfer | undefined;

  constructor(app: App) {
    this.#app = app;
    this.#grouped = app.load("kv.grouped", true);
    this.#page = new Loading(() => app.invalidate());
    this.#editor = new KeyEditor(app, () => void this.#reload());
  }

  enter(detail: string): void {
    this.#prefix = detail;
    this.#first();
  }

  render(): TemplateResult {
    return html`<h1>Key-value <small>${this.#crumbs()}</small></h1>
      ${this.#toolbar()} ${this.#moving ? this.#progress(this.#moving) : nothing}
      <div class="columns">
        <section>${this.#page.render((page) => this.#list(page))}</section>
        <section>${this.#editor.render()}</section>
      </div>`;
  }

  #crumbs(): TemplateResult {
    const parts = this.#prefix.split(DELIMITER);
    const links = parts.slice(0, -1).map((part, index) => {
      const prefix = `${parts.slice(0, index + 1).join(DELIMITER)}${DELIMITER}`;
      return html`<a href="#kv/${encodeURIComponent(prefix)}">${part}${DELIMITER}</a>`;
    });
    return html`<a href="#kv">all keys</a> ${links}`;
  }

  #toolbar(): TemplateResult {
    const busy = { secondary: true, disabled: this.#moving !== undefined };
    return html`<div class="toolbar">
      ${textField({
        label: "Prefix",
        bare: true,
        placeholder: "Prefix",
        value: this.#prefix,
        onInput: (value) => (this.#prefix = value),
        onEnter: () => this.#app.go({ section: "kv", detail: this.#prefix }),
      })}
      ${button("Show", {
        onClick: () => this.#app.go({ section: "kv", detail: this.#prefix }),
      })}
      ${checkbox("group by /", this.#grouped, (grouped) => {
        this.#grouped = grouped;
        this.#app.keep("kv.grouped", grouped);
        this.#first();
      })}
      <span class="grow"></span>
      ${button("New key", { secondary: true, onClick: () => this.#editor.create(this.#prefix) })}
      ${button("Export", { ...busy, title: "Saves all keys of the prefix", onClick: () => void this.#export() })}
      ${button("Import", { ...busy, onClick: () => void this.#import() })}
    </div>`;
  }

  #list(page: Shown): TemplateResult {
    if (page.entries.length + page.prefixes.length === 0) {
      return page.prefix === ""
        ? empty("The store is empty.", "Functions write it with persistence_set or env.kv.put.")
        : empty(`No key starts with '${page.prefix}'.`, "");
    }
    return html`<div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">key</th>
              <th scope="col">value</th>
              <th scope="col" class="num">size</th>
            </tr>
          </thead>
          <tbody>
            ${page.prefixes.map((prefix) => prefixRow(prefix))}
            ${page.entries.map((entry) => this.#row(entry))}
          </tbody>
        </table>
      </div>
      ${this.#before.length > 0 || page.next !== undefined ? this.#pages(page) : nothing}`;
  }

  #pages(page: Shown): TemplateResult {
    return html`<div class="toolbar">
        ${button("Back", {
          secondary: true,
          disabled: this.#before.length === 0,
          onClick: () => this.#back(),
        })}
        ${button("Next", {
          secondary: true,
          disabled: page.next === undefined,
          onClick: () => this.#next(page.next),
        })}
      </div>`;
  }

  #row(entry: KvEntry): TemplateResult {
    const head = fromBase64(entry.head_base64);
    return html`<tr class=${entry.key_base64 === this.#editor.keyBase64 ? "selected" : ""}>
      <td class="mono key">
        <a
          href="#kv/${encodeURIComponent(this.#prefix)}"
          @click=${(event: Event) => {
            event.preventDefault();
            void this.#editor.open(entry);
          }}
          >${entry.key}</a
        >
      </td>
      <td class="mono dim ellipsis preview">${asText(head) ?? hexDump(head, 16)}</td>
      <td class="num dim">${formatBytes(entry.length)}</td>
    </tr>`;
  }

  #first(): void {
    this.#before = [];
    this.#after = undefined;
    void this.#reload();
  }

  #next(after: string | undefined): void {
    this.#before.push(this.#after);
    this.#after = after;
    void this.#reload();
  }

  #back(): void {
    this.#after = this.#before.pop();
    void this.#reload();
  }

  #reload(): Promise<void> {
    const prefix = this.#prefix;
    return this.#page.load(async () => {
      const page = await this.#app.transport.call("kvList", {
        query: {
          prefix,
          limit: PAGE,
          ...(this.#after !== undefined && { after: this.#after }),
          ...(this.#grouped && { delimiter: DELIMITER }),
        },
      });
      return { ...page, prefix };
    });
  }

  #export(): Promise<void> {
    const prefix = this.#prefix;
    return this.#transfer("Exporting", async (progress) => {
      const count = await exportPrefix(this.#app, prefix, progress);
      return count === undefined
        ? "Stopped: nothing was saved."
        : `${formatCount(count)} keys exported.`;
    });
  }

  async #import(): Promise<void> {
    const file = await pickFile("application/json");
    if (!file) return;
    const text = await file.text();
    await this.#transfer("Importing", async (progress) => {
      const count = await importEntries(this.#app, text, progress);
      return count === 0 ? "" : `${formatCount(count)} keys imported.`;
    });
    void this.#reload();
  }

  /** One at a time; the user sees how far it is, and may stop it. */
  async #transfer(what: string, work: (progress: Progress) => Promise<string>): Promise<void> {
    const transfer: Transfer = { what, keys: 0, stopped: false };
    this.#moving = transfer;
    this.#app.invalidate();
    try {
      const done = await work((keys) => {
        transfer.keys = keys;
        this.#app.invalidate();
        return !transfer.stopped;
      });
      if (done !== "") this.#app.tell(done);
    } catch (thrown) {
      this.#app.tell(MocError.from(thrown).message, "err");
    }
    this.#moving = undefined;
    this.#app.invalidate();
  }

  #progress(transfer: Transfer): TemplateResult {
    return html`<div class="state" role="status">
      ${progressRing()} ${transfer.what}… ${formatCount(transfer.keys)} keys
      ${button("Stop", { secondary: true, onClick: () => (transfer.stopped = true) })}
    </div>`;
  }
}

function prefixRow(prefix: string): TemplateResult {
  return html`<tr>
    <td class="mono key" colspan="3"><a href="#kv/${encodeURIComponent(prefix)}">${prefix}…</a></td>
  </tr>`;
}
