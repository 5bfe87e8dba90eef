import { html, nothing, type TemplateResult } from "lit";
import { MocError } from "../../runtime/protocol/errors.ts";
import { FUNCTION_LIMITS, type LimitName } from "../../runtime/protocol/limits.ts";
import type { CallReport, LogLine, Name } from "../../runtime/protocol/model.ts";
import type { FunctionSummary } from "../../runtime/protocol/rest.ts";
import {
  formatBytes,
  formatCount,
  formatDateTime,
  shortID,
  splitBytes,
  splitLatency,
} from "../format.ts";
import { empty, Loading } from "../loading.ts";
import { button, checkbox, textField } from "../toolkit.ts";
import type { App, View } from "../view.ts";
import { callTable } from "../widgets/call-table.ts";
import { functionTable, languageOf } from "../widgets/function-table.ts";
import { logLine } from "../widgets/log-line.ts";
import { plugPath } from "../widgets/plug-path.ts";

interface Detail {
  readonly name: Name;
  readonly calls: readonly CallReport[];
  readonly lines: readonly LogLine[];
}

/** All functions; one of them with its versions, plugs, limits, calls and log. */
export class Functions implements View {
  readonly #app: App;
  readonly #detail: Loading<Detail>;
  #selected = "";
  #search = "";
  #system: boolean;
  #revision = 0;
  /** Calls and lines of the function that this page shows already. */
  #seenCall = 0;

  constructor(app: App) {
    this.#app = app;
    this.#system = app.load("functions.system", false);
    this.#detail = new Loading(() => app.invalidate());
  }

  enter(detail: string): void {
    if (detail !== this.#selected) this.#detail.reset();
    this.#selected = detail;
    void this.#app.functions.refresh();
    if (detail !== "") void this.#detail.load(() => this.#loadDetail(detail));
  }

  /** The opened function was deployed anew, or called. */
  liveChanged(): void {
    if (this.#selected === "") return;
    const { live } = this.#app;
    const newest = live.calls.find((one) => one.function === this.#selected)?.id ?? 0;
    if (live.revisions.functions === this.#revision && newest === this.#seenCall) return;
    this.#revision = live.revisions.functions;
    this.#seenCall = newest;
    void this.#detail.load(() => this.#loadDetail(this.#selected));
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
        ${checkbox("show the platform's own", this.#system, (checked) => {
          this.#system = checked;
          this.#app.keep("functions.system", checked);
          this.#app.invalidate();
        })}
      </div>
      ${this.#app.functions.all.render((all) => this.#table(all))}`;
  }

  #table(all: readonly FunctionSummary[]): TemplateResult {
    const { functions } = this.#app;
    const found = (one: FunctionSummary) => one.name.includes(this.#search);
    const own = functions.own.filter(found);
    const system = this.#system
      ? all.filter((one) => functions.isSystem(one.name) && found(one))
      : [];
    return html`${own.length > 0 ? functionTable(own, { wide: true }) : this.#nothing()}
    ${
      system.length > 0
        ? html`<section class="apart">
            <h2>The platform's own <span>the REST API and this dashboard</span></h2>
            ${functionTable(system, { wide: true })}
          </section>`
        : nothing
    }`;
  }

  #nothing(): TemplateResult {
    return this.#search === ""
      ? empty(
          "No functions yet.",
          "Make and deploy one: moc new javascript hello && cd hello && moc dev",
        )
      : empty(`No function has '${this.#search}' in its name.`, "");
  }

  #one(): TemplateResult {
    const name = this.#selected;
    const summary = this.#app.functions.find(name);
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
        ${button("Save blob", { secondary: true, onClick: () => void this.#saveBlob(name) })}
        ${button("Log", {
          secondary: true,
          onClick: () => this.#app.go({ section: "logs", detail: name }),
        })}
        ${
          summary && !this.#app.functions.isSystem(name)
            ? button("Undeploy", { secondary: true, onClick: () => void this.#undeploy(name) })
            : nothing
        }
      </div>
      ${summary ? this.#facts(summary) : nothing}
      ${this.#detail.render((detail) => this.#body(detail))}`;
  }

  #facts(summary: FunctionSummary): TemplateResult {
    const { settings } = summary;
    const figures: readonly (readonly [string, string, string])[] = [
      ["calls", formatCount(summary.calls), ""],
      ["latency p50", ...splitLatency(summary.p50Ms)],
      ["latency p99", ...splitLatency(summary.p99Ms)],
      ["errors", formatCount(summary.errors), ""],
      ["memory", ...splitBytes(summary.memoryBytes)],
    ];
    const facts: readonly (readonly [string, string])[] = [
      ["runs as", `${settings.mode ?? "direct"}, ${settings.state ?? "fresh"} state`],
      ["start function", settings.start ?? "as plugged"],
      ["may", settings.capabilities?.join(", ") || "compute, store, call out"],
      ["reaches", settings.outbound?.join(", ") || "public addresses"],
      ["blob", summary.techID],
      ...(settings.sourceFolder ? [["source", settings.sourceFolder] as const] : []),
    ];
    return html`<div class="tiles">
        ${figures.map(
          ([label, value, unit]) =>
            html`<div class="tile"><span class="label">${label}</span><b>${value}<i>${unit}</i></b></div>`,
        )}
      </div>
      <div class="columns">
        <section>
          <h2>Answers</h2>
          ${answers(this.#app, summary)}
          <div class="facts">
            ${facts.map(
              ([name, value]) =>
                html`<span class="dim">${name}</span
                  ><span class="mono ellipsis" title=${value}>${value}</span>`,
            )}
          </div>
        </section>
        <section>
          <h2>Limits <span>dim: default</span></h2>
          <div class="pairs">${limits(summary)}</div>
        </section>
      </div>`;
  }

  #body(detail: Detail): TemplateResult {
    return html`<section>
        <h2>Recent calls <a href="#calls">all calls</a></h2>
        ${
          detail.calls.length === 0
            ? empty("Not called yet.", "Invoke it, or open its URL.")
            : callTable(detail.calls)
        }
      </section>
      <section>
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
        <h2>Log <span>newest last</span></h2>
        ${
          detail.lines.length === 0
            ? html`<span class="dim">It has written nothing.</span>`
            : html`<div class="box tall" tabindex="0" role="region" aria-label="Log">
                ${detail.lines.map((line) => logLine(line, false))}
              </div>`
        }
      </section>`;
  }

  async #saveBlob(name: string): Promise<void> {
    const one = this.#app.functions.find(name);
    if (!one) return;
    try {
      const { bytes } = await this.#app.transport.bytes("getBlob", {
        path: { tech_id: one.techID },
      });
      this.#app.transport.save(name, one.contentType, bytes);
    } catch (thrown) {
      this.#app.tell(MocError.from(thrown).message, "err");
    }
  }

  async #undeploy(name: string): Promise<void> {
    const sure = await this.#app.confirm(
      `Undeploy '${name}'? Its plugs, files and filters go with it; its sources stay.`,
      "Undeploy",
    );
    if (!sure) return;
    try {
      await this.#app.transport.call("undeploy", { body: { name } });
      this.#app.tell(`${name} is undeployed.`);
      this.#app.go({ section: "functions", detail: "" });
    } catch (thrown) {
      this.#app.tell(MocError.from(thrown).message, "err");
    }
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

function answers(app: App, summary: FunctionSummary): TemplateResult {
  if (summary.plugs.length + summary.filters.length === 0) {
    return html`<p class="dim">No URL: it is called by name.</p>`;
  }
  return html`<ul class="plain">
    ${summary.plugs.map(
      (plug) =>
        html`<li class="mono">
          ${plug.method.toUpperCase()} ${plug.host}${plugPath(app, plug)}
          ${
            plug.type === "function" && plug.start_function !== ""
              ? html`<span class="dim">→ ${plug.start_function}</span>`
              : nothing
          }
        </li>`,
    )}
    ${summary.filters.map(
      (filter) =>
        html`<li class="mono">
          filter, order ${filter.order} <span class="dim">→ ${filter.start_function}</span>
        </li>`,
    )}
  </ul>`;
}

function limits({ settings }: FunctionSummary): readonly TemplateResult[] {
  return (Object.keys(FUNCTION_LIMITS) as LimitName[]).map((name) => {
    const own = settings.limits?.[name];
    const { default: byDefault, meaning } = FUNCTION_LIMITS[name];
    return html`<span class="dim" title=${meaning}>${name}</span
      ><span class="mono ${own === undefined ? "dim" : ""}">${own ?? byDefault}</span>`;
  });
}
