import { html, type TemplateResult } from "lit";
import { MocError } from "../../runtime/protocol/errors.ts";
import type { KvEntry, KvPage } from "../../runtime/protocol/rest.ts";
import { asText, fromBase64, hexDump } from "../bytes.ts";
import { formatBytes } from "../format.ts";
import { empty, Loading } from "../loading.ts";
import { button, checkbox, textField } from "../toolkit.ts";
import type { App, View } from "../view.ts";
import { KeyEditor } from "./key-editor.ts";
import { exportPrefix, importEntries, pickFile } from "./key-transfer.ts";

const PAGE = 100;
const DELIMITER = "/";

interface Shown extends KvPage {
  readonly prefix: string;
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
      ${this.#toolbar()}
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
      ${button("Export", { secondary: true, onClick: () => void this.#export() })}
      ${button("Import", { secondary: true, onClick: () => void this.#import() })}
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
      <div class="toolbar">
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

  async #export(): Promise<void> {
    try {
      await exportPrefix(this.#app, this.#prefix);
    } catch (thrown) {
      this.#app.tell(MocError.from(thrown).message, "err");
    }
  }

  async #import(): Promise<void> {
    const text = await pickFile();
    if (text === undefined) return;
    try {
      const count = await importEntries(this.#app, text);
      if (count > 0) this.#app.tell(`${count} keys imported.`);
      void this.#reload();
    } catch (thrown) {
      this.#app.tell(MocError.from(thrown).message, "err");
    }
  }
}

function prefixRow(prefix: string): TemplateResult {
  return html`<tr>
    <td class="mono key" colspan="3"><a href="#kv/${encodeURIComponent(prefix)}">${prefix}…</a></td>
  </tr>`;
}
