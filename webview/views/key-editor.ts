import { html, nothing, type TemplateResult } from "lit";
import { MocError } from "../../runtime/protocol/errors.ts";
import type { KvEntry } from "../../runtime/protocol/rest.ts";
import { asText, hexDump, parseHex, toBase64Url } from "../bytes.ts";
import { formatBytes } from "../format.ts";
import { Loading } from "../loading.ts";
import { button, textArea, textField } from "../toolkit.ts";
import type { App } from "../view.ts";
import { bestForm, formChoice, type ValueForm, valueView } from "../widgets/value-view.ts";

/** A value as it was read; `etag` says whether it changed since. */
interface Opened {
  readonly key: string;
  readonly keyBase64: string;
  readonly bytes: Uint8Array;
  readonly etag: string;
}

interface Draft {
  text: string;
  readonly hex: boolean;
}

const EDITABLE_BYTES = 512 * 1024;

/** Shows one value, and edits it with a warning when somebody else was faster. */
export class KeyEditor {
  readonly #app: App;
  readonly #changed: () => void;
  readonly #opened: Loading<Opened>;
  #form: ValueForm = "text";
  #draft: Draft | undefined;
  #newKey: string | undefined;
  keyBase64: string | undefined;

  constructor(app: App, changed: () => void) {
    this.#app = app;
    this.#changed = changed;
    this.#opened = new Loading(() => app.invalidate());
  }

  async open(entry: KvEntry): Promise<void> {
    this.#newKey = undefined;
    this.#draft = undefined;
    this.keyBase64 = entry.key_base64;
    this.#opened.reset();
    this.#app.invalidate();
    await this.#opened.load(async () => {
      const { bytes } = await this.#app.transport.bytes("kvGet", place(entry.key_base64));
      this.#form = bestForm(bytes);
      return { key: entry.key, keyBase64: entry.key_base64, bytes, etag: entry.etag };
    });
  }

  create(prefix: string): void {
    this.#newKey = prefix;
    this.keyBase64 = undefined;
    this.#draft = { text: "", hex: false };
    this.#app.invalidate();
  }

  render(): TemplateResult {
    if (this.#newKey !== undefined) return this.#creation(this.#newKey);
    if (this.keyBase64 === undefined) {
      return html`<div class="state dim">Choose a key to see its value.</div>`;
    }
    return html`${this.#opened.render((value) => (this.#draft ? this.#editing(value, this.#draft) : this.#showing(value)))}`;
  }

  #showing(value: Opened): TemplateResult {
    return html`<h2 class="mono">${value.key} <span>${formatBytes(value.bytes.length)}</span></h2>
      <div class="toolbar">
        ${formChoice(value.bytes, this.#form, (form) => {
          this.#form = form;
          this.#app.invalidate();
        })}
        ${
          value.bytes.length <= EDITABLE_BYTES
            ? button("Edit", { secondary: true, onClick: () => this.#edit(value) })
            : nothing
        }
        ${button("Download", {
          secondary: true,
          onClick: () =>
            this.#app.transport.save(
              value.key.split("/").at(-1) || "value",
              "application/octet-stream",
              value.bytes,
            ),
        })}
        ${button("Delete", { secondary: true, onClick: () => void this.#remove(value) })}
      </div>
      ${valueView(value.bytes, this.#form)}`;
  }

  #editing(value: Opened, draft: Draft): TemplateResult {
    return html`<h2 class="mono">${value.key} <span>${draft.hex ? "hex" : "text"}</span></h2>
      ${this.#area(draft)}
      <div class="toolbar">
        ${button("Save", { onClick: () => void this.#save(value, draft) })}
        ${button("Cancel", {
          secondary: true,
          onClick: () => {
            this.#draft = undefined;
            this.#app.invalidate();
          },
        })}
      </div>`;
  }

  #creation(key: string): TemplateResult {
    const draft = this.#draft ?? { text: "", hex: false };
    return html`<h2>New key</h2>
      <div class="toolbar">
        ${textField({
          label: "Key",
          value: key,
          onInput: (value) => (this.#newKey = value),
        })}
      </div>
      ${this.#area(draft)}
      <div class="toolbar">
        ${button("Create", { onClick: () => void this.#create(draft) })}
        ${button("Cancel", {
          secondary: true,
          onClick: () => {
            this.#newKey = undefined;
            this.#app.invalidate();
          },
        })}
      </div>`;
  }

  #area(draft: Draft): TemplateResult {
    return textArea({
      label: "Value",
      bare: true,
      rows: 16,
      value: draft.text,
      onInput: (text) => (draft.text = text),
    });
  }

  #edit(value: Opened): void {
    const text = asText(value.bytes);
    this.#draft =
      text === undefined ? { text: hexOnly(value.bytes), hex: true } : { text, hex: false };
    this.#app.invalidate();
  }

  async #save(value: Opened, draft: Draft): Promise<void> {
    const bytes = bytesOf(draft);
    if (!bytes) {
      this.#app.tell("This is not hex: two digits a byte.", "err");
      return;
    }
    try {
      await this.#put(value, bytes, value.etag);
    } catch (thrown) {
      const error = MocError.from(thrown);
      if (error.code !== "MOC_CONFLICT") {
        this.#app.tell(error.message, "err");
        return;
      }
      const sure = await this.#app.confirm(
        `'${value.key}' was changed by somebody else since you opened it. Overwrite their value?`,
        "Overwrite",
      );
      if (sure) await this.#put(value, bytes, undefined);
    }
  }

  async #put(value: Opened, bytes: Uint8Array, etag: string | undefined): Promise<void> {
    const answer = await this.#app.transport.call("kvPut", {
      ...place(value.keyBase64),
      body: bytes,
      ...(etag !== undefined && { headers: { "if-match": etag } }),
    });
    this.#draft = undefined;
    this.#opened.set({ ...value, bytes, etag: answer.etag });
    this.#app.tell("Saved.");
    this.#changed();
  }

  async #create(draft: Draft): Promise<void> {
    const key = this.#newKey ?? "";
    const bytes = bytesOf(draft);
    if (key === "" || !bytes) {
      this.#app.tell("Give the key a name.", "err");
      return;
    }
    try {
      await this.#app.transport.call("kvPut", {
        path: { key },
        body: bytes,
        headers: { "if-none-match": "*" },
      });
      this.#newKey = undefined;
      this.#app.tell(`'${key}' created.`);
      this.#changed();
    } catch (thrown) {
      this.#app.tell(MocError.from(thrown).message, "err");
    }
  }

  async #remove(value: Opened): Promise<void> {
    if (!(await this.#app.confirm(`Delete '${value.key}'? Its value is lost.`, "Delete"))) return;
    try {
      await this.#app.transport.call("kvDelete", place(value.keyBase64));
      this.keyBase64 = undefined;
      this.#app.tell(`'${value.key}' deleted.`);
      this.#changed();
    } catch (thrown) {
      this.#app.tell(MocError.from(thrown).message, "err");
    }
  }
}

function place(keyBase64: string) {
  return { path: { key: toBase64Url(keyBase64) }, query: { key_base64: "1" } };
}

function bytesOf(draft: Draft): Uint8Array | undefined {
  return draft.hex ? parseHex(draft.text) : new TextEncoder().encode(draft.text);
}

function hexOnly(bytes: Uint8Array): string {
  return hexDump(bytes, bytes.length)
    .split("\n")
    .map((line) => line.slice(10, 57).trimEnd())
    .join("\n");
}
