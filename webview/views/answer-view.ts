import { html, nothing, type TemplateResult } from "lit";
import { asText } from "../bytes.ts";
import { formatBytes, formatMs } from "../format.ts";
import { diffLines } from "../line-diff.ts";
import { button, checkbox } from "../toolkit.ts";
import type { App } from "../view.ts";
import { bestForm, formChoice, type ValueForm, valueView } from "../widgets/value-view.ts";

export interface Answer {
  readonly status: number;
  readonly statusName: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array;
  readonly durationMs: number;
}

/** The answer of a function, and what of it differs from the one before. */
export class AnswerView {
  readonly #app: App;
  #answer: Answer | undefined;
  #before: Answer | undefined;
  #form: ValueForm = "text";
  #compare = false;

  constructor(app: App) {
    this.#app = app;
  }

  get answer(): Answer | undefined {
    return this.#answer;
  }

  show(answer: Answer): void {
    this.#before = this.#answer;
    this.#answer = answer;
    this.#form = bestForm(answer.body);
  }

  clear(): void {
    this.#answer = undefined;
    this.#before = undefined;
  }

  render(): TemplateResult {
    const answer = this.#answer;
    if (!answer) return html`<div class="state dim">The answer appears here.</div>`;
    const { length } = answer.body;
    return html`<h2>
        <span class=${answer.status >= 400 ? "err" : "ok"}>${answer.statusName}</span>
        <span>${formatMs(answer.durationMs)} · ${formatBytes(length)}</span>
      </h2>
      <details>
        <summary class="dim">${answer.headers.length} headers</summary>
        <pre class="box">${answer.headers.map(([name, value]) => `${name}: ${value}`).join("\n")}</pre>
      </details>
      <div class="toolbar">
        ${formChoice(answer.body, this.#form, (form) => {
          this.#form = form;
          this.#app.invalidate();
        })}
        ${button("Save", {
          secondary: true,
          onClick: () =>
            this.#app.transport.save("answer", "application/octet-stream", answer.body),
        })}
        ${
          this.#before
            ? checkbox("compare with the last answer", this.#compare, (checked) => {
                this.#compare = checked;
                this.#app.invalidate();
              })
            : nothing
        }
      </div>
      ${
        this.#compare && this.#before
          ? comparison(this.#before, answer)
          : length === 0
            ? html`<span class="dim">No body.</span>`
            : valueView(answer.body, this.#form)
      }`;
  }
}

function comparison(before: Answer, now: Answer): TemplateResult {
  const oldText = asText(before.body);
  const newText = asText(now.body);
  return html`<div class="dim">
      ${before.statusName} → ${now.statusName} · ${formatMs(before.durationMs)} →
      ${formatMs(now.durationMs)} · ${formatBytes(before.body.length)} →
      ${formatBytes(now.body.length)}
    </div>
    ${
      oldText === undefined || newText === undefined
        ? html`<p>${sameBytes(before.body, now.body) ? "The same bytes." : "The bytes differ."}</p>`
        : difference(readable(oldText), readable(newText))
    }`;
}

function difference(oldText: string, newText: string): TemplateResult {
  if (oldText === newText) return html`<p>The same text.</p>`;
  return html`<pre class="box diff" tabindex="0" aria-label="Differences">
${diffLines(oldText, newText).map(
  (line) => html`<span class=${line.kind}>${MARKS[line.kind]} ${line.text}\n</span>`,
)}</pre>`;
}

const MARKS = { same: " ", old: "-", new: "+" } as const;

/** JSON in lines, so that a difference is small. */
function readable(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
