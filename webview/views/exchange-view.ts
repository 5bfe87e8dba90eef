import { html, nothing, type TemplateResult } from "lit";
import type { CallExchange, ExchangePart } from "../../runtime/protocol/model.ts";
import { fromBase64 } from "../bytes.ts";
import { formatBytes } from "../format.ts";
import { isWhole } from "../sample.ts";
import { button } from "../toolkit.ts";
import type { App } from "../view.ts";
import { bestForm, formChoice, type ValueForm, valueView } from "../widgets/value-view.ts";

type Side = "request" | "response";

const TITLES: Readonly<Record<Side, string>> = { request: "Request", response: "Response" };

/** What a call was given and what it answered: headers, and bodies in the form that says most. */
export class ExchangeView {
  readonly #app: App;
  readonly #exchange: CallExchange;
  readonly #forms = new Map<Side, ValueForm>();
  readonly #bodies = new Map<Side, Uint8Array>();

  constructor(app: App, exchange: CallExchange) {
    this.#app = app;
    this.#exchange = exchange;
  }

  render(): TemplateResult {
    const { request, response } = this.#exchange;
    return html`<div class="columns halves">
      ${this.#side("request", request)}
      ${
        response
          ? this.#side("response", response, response.status)
          : html`<section>
              <h2>Response</h2>
              <span class="dim">None: the call failed.</span>
            </section>`
      }
    </div>`;
  }

  #side(side: Side, part: ExchangePart, status?: number): TemplateResult {
    const bytes = this.#body(side, part);
    const form = this.#forms.get(side) ?? bestForm(bytes);
    return html`<section aria-label=${TITLES[side]}>
      <h2>
        ${TITLES[side]}
        <span>${status === undefined ? nothing : `status ${status} · `}${sizeOf(part)}</span>
      </h2>
      ${headers(part)}
      ${
        bytes.length === 0
          ? html`<p class="dim">${isWhole(part) ? "No body." : "The body was a stream."}</p>`
          : html`<div class="toolbar">
                ${formChoice(
                  bytes,
                  form,
                  (chosen) => {
                    this.#forms.set(side, chosen);
                    this.#app.invalidate();
                  },
                  `${TITLES[side]} shown as`,
                )}
                ${button("Save", {
                  secondary: true,
                  title: `Saves the body of the ${side}`,
                  onClick: () => this.#app.transport.save(side, "application/octet-stream", bytes),
                })}
              </div>
              ${valueView(bytes, form)}
              ${
                isWhole(part)
                  ? nothing
                  : html`<div class="dim">
                      The runtime keeps the first ${formatBytes(bytes.length)} of a body.
                    </div>`
              }`
      }
    </section>`;
  }

  #body(side: Side, part: ExchangePart): Uint8Array {
    let bytes = this.#bodies.get(side);
    if (!bytes) {
      bytes = fromBase64(part.body_base64);
      this.#bodies.set(side, bytes);
    }
    return bytes;
  }
}

function sizeOf({ length }: ExchangePart): string {
  return length === undefined ? "streamed" : formatBytes(length);
}

/** What the platform says of a request stands apart from what its sender said. */
function headers(part: ExchangePart): TemplateResult {
  const all = Object.entries(part.headers);
  const sent = all.filter(([name]) => !name.startsWith("x-moc-"));
  const added = all.filter(([name]) => name.startsWith("x-moc-"));
  return html`<div class="facts headers">
      ${sent.map(([name, value]) => header(name, value))}
      ${part.hidden.map(
        (name) => html`<span class="dim mono">${name}</span><i class="dim">a secret, not shown</i>`,
      )}
    </div>
    ${
      added.length === 0
        ? nothing
        : html`<details>
            <summary class="dim">${added.length} headers of the platform</summary>
            <div class="facts headers">${added.map(([name, value]) => header(name, value))}</div>
          </details>`
    }`;
}

function header(name: string, value: string): TemplateResult {
  return html`<span class="dim mono">${name}</span><span class="mono">${value}</span>`;
}
