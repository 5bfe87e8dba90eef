import { html, nothing, type TemplateResult } from "lit";
import { MocError } from "../../runtime/protocol/errors.ts";
import { FUNCTION_LIMITS, type LimitName } from "../../runtime/protocol/limits.ts";
import type { CallReport, LogLine, Name } from "../../runtime/protocol/model.ts";
import type { FunctionSummary } from "../../runtime/protocol/rest.ts";
import { formatBytes, formatDateTime, formatMs, shortID } from "../format.ts";
import { empty, Loading } from "../loading.ts";
import { button, textField } from "../toolkit.ts";
import type { App, View } from "../view.ts";
import { callTable } from "../widgets/call-table.ts";
import { functionTable, languageOf } from "../widgets/function-table.ts";
import { logLine } from "../widgets/log-line.ts";

interface Detail {
  readonly name: Name;
  readonly calls: readonly CallReport[];
  readonly lines: readonly LogLine[];
}

/** All functions; one of them with its versions, plugs, limits, calls and log. */
export class Functions implements View {
  readonly #app: App;
  readonly #all: Loading<readonly FunctionSummary[]>;
  readonly #detail: Loading<Detail>;
  #selected = "";
  #search = "";
  #revision = -1;

  constructor(app: App) {
    this.#app = app;
    this.#all = new Loading(() => app.invalidate());
    this.#detail = new Loading(() => app.invalidate());
  }

  enter(detail: string): void {
    if (detail !== this.#selected) this.#detail.reset();
    this.#selected = detail;
    void this.#all.load(async () => (await this.#app.transport.call("functions")).functions);
    if (detail !== "") void this.#detail.load(() => this.#loadDetail(detail));
  }

  liveChanged(): void {
    const { functions } = this.#app.live.revisions;
    if (functions === this.#revision) return;
    this.#revision = functions;
    this.enter(this.#selected);
  }

  render(): TemplateResult {
    return this.#selected === "" ? this.#list() : this.#one();
  }

  async #loadDetail(name: string): Promise<Detail> {
    const { transport } = this.#app;
    const [one, calls, logs] = await Promise.all([
      transport.call("name", { path: { name } }),
      transport.call("calls", { query: { function: name, limit: 30 } }),
      transport.call("logs", { query: { function: name, limit: 100 } }),
    ]);
    return { name: one.name, calls: calls.calls, lines: logs.lines };
  }

  #list(): TemplateResult {
    return html`<h1>Functions</h1>
      <div class="toolbar">
        ${textField({
          label: "Filter by name",
          bare: true,
          placeholder: "Filter by name",
          value: this.#search,
          onInput: (value) => {
            this.#search = value;
            this.#app.invalidate();
          },
        })}
      </div>
      ${this.#all.render((all) => {
        const shown = all.filter((one) => one.name.includes(this.#search));
        if (shown.length > 0) {
          return functionTable(shown, (name) =>
            this.#app.go({ section: "functions", detail: name }),
          );
        }
        return this.#search === ""
          ? empty(
              "No functions yet.",
              "Deploy one: moc new javascript hello && cd hello && moc dev",
            )
          : empty("No function has this in its name.", "");
      })}`;
  }

  #one(): TemplateResult {
    const name = this.#selected;
    const summary = this.#all.value?.find((one) => one.name === name);
    return html`<h1>
        <a href="#functions">Functions</a> / ${name}
        <small>${summary ? `${languageOf(summary)} · ${formatBytes(summary.length)}` : nothing}</small>
      </h1>
      <div class="toolbar">
        ${button("Invoke", { onClick: () => this.#app.go({ section: "invoke", detail: name }) })}
        ${
          this.#app.transport.editor
            ? button("Open source", {
                secondary: true,
                onClick: () => this.#app.transport.openSource(name),
              })
            : nothing
        }
        ${button("Log", {
          secondary: true,
          onClick: () => this.#app.go({ section: "logs", detail: name }),
        })}
      </div>
      ${summary ? this.#facts(summary) : nothing}
      ${this.#detail.render((detail) => this.#body(detail))}`;
  }

  #facts(summary: FunctionSummary): TemplateResult {
    return html`<div class="columns">
      <section>
        <h2>Answers</h2>
        ${
          summary.plugs.length + summary.filters.length === 0
            ? html`<span class="dim">No URL: it is called by name.</span>`
            : html`<ul class="plain">
                ${summary.plugs.map(
                  (plug) =>
                    html`<li class="mono">${plug.method.toUpperCase()} ${plug.host}${plug.path}</li>`,
                )}
                ${summary.filters.map(
                  (filter) =>
                    html`<li>filter <span class="mono">${filter.start_function}</span></li>`,
                )}
              </ul>`
        }
      </section>
      <section>
        <h2>Limits <span>dim: default</span></h2>
        <div class="pairs">
          ${(Object.keys(FUNCTION_LIMITS) as LimitName[]).map((limit) => {
            const own = summary.settings.limits?.[limit];
            return html`<span class="dim">${limit}</span
              ><span class="mono ${own === undefined ? "dim" : ""}"
                >${own ?? FUNCTION_LIMITS[limit].default}</span
              >`;
          })}
        </div>
      </section>
    </div>`;
  }

  #body(detail: Detail): TemplateResult {
    return html`<section>
        <h2>Versions <span>newest first</span></h2>
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">version</th>
                <th scope="col">since</th>
                <th scope="col">blob</th>
                <th scope="col"><span class="visually-hidden">action</span></th>
              </tr>
            </thead>
            <tbody>
              ${detail.name.history.map((version, index) => {
                const revision = detail.name.revision - index;
                return html`<tr>
                  <td>v${revision} ${index === 0 ? html`<span class="tag">live</span>` : nothing}</td>
                  <td class="dim">${formatDateTime(version.at)}</td>
                  <td class="mono">${shortID(version.techID)}</td>
                  <td class="num">
                    ${
                      index === 0 || version.techID === detail.name.techID
                        ? nothing
                        : button("Roll back", {
                            secondary: true,
                            onClick: () => void this.#rollBack(version.techID, revision),
                          })
                    }
                  </td>
                </tr>`;
              })}
            </tbody>
          </table>
        </div>
      </section>
      <section>
        <h2>Recent calls <span>p50 ${formatMs(this.#p50())}</span></h2>
        ${
          detail.calls.length === 0
            ? empty("Not called yet.", "Invoke it, or open its URL.")
            : callTable(detail.calls)
        }
      </section>
      <section>
        <h2>Log</h2>
        ${
          detail.lines.length === 0
            ? html`<span class="dim">It has written nothing.</span>`
            : html`<div class="box">${detail.lines.map((line) => logLine(line, false))}</div>`
        }
      </section>`;
  }

  #p50(): number {
    return this.#all.value?.find((one) => one.name === this.#selected)?.p50Ms ?? 0;
  }

  async #rollBack(techID: string, revision: number): Promise<void> {
    const name = this.#selected;
    const sure = await this.#app.confirm(
      `Let '${name}' answer with version ${revision} again? The present version stays in its history.`,
      "Roll back",
    );
    if (!sure) return;
    try {
      await this.#app.transport.call("rollback", { path: { name }, body: { tech_id: techID } });
      this.#app.tell(`${name} answers with version ${revision} again.`);
      this.enter(name);
    } catch (thrown) {
      this.#app.tell(MocError.from(thrown).message, "err");
    }
  }
}
