import { html, nothing, type TemplateResult } from "lit";
import { MocError } from "../../runtime/protocol/errors.ts";
import type { Filter, Plug } from "../../runtime/protocol/model.ts";
import { isSystemPlug } from "../../runtime/protocol/system-plug.ts";
import { empty, failure, Loading } from "../loading.ts";
import { button, checkbox, dropdown, textField } from "../toolkit.ts";
import type { App, View } from "../view.ts";
import { plugPath } from "../widgets/plug-path.ts";

const METHODS = ["get", "post", "put", "patch", "delete", "head", "options"];

interface Match {
  readonly plug?: Plug;
  readonly params: Readonly<Record<string, string>>;
  readonly filters: readonly Filter[];
}

/** Plugs and filters in matching order, and a tester that says which one answers. */
export class Plugs implements View {
  readonly #app: App;
  readonly #plugs: Loading<{
    readonly plugs: readonly Plug[];
    readonly filters: readonly Filter[];
  }>;
  #method = "get";
  #path = "/";
  #host = "";
  #match: Match | MocError | undefined;
  #revision = -1;
  #system: boolean;

  constructor(app: App) {
    this.#app = app;
    this.#plugs = new Loading(() => app.invalidate());
    this.#system = app.load("plugs.system", false);
  }

  enter(): void {
    const { transport } = this.#app;
    void this.#plugs.load(async () => {
      const [plugs, filters] = await Promise.all([
        transport.call("plugs"),
        transport.call("filters"),
      ]);
      return { plugs: plugs.plugs, filters: filters.filters };
    });
  }

  liveChanged(): void {
    const { plugs, functions } = this.#app.live.revisions;
    if (plugs + functions === this.#revision) return;
    this.#revision = plugs + functions;
    this.enter();
  }

  render(): TemplateResult {
    return html`<h1>Plugs and filters <small>in matching order</small></h1>
      ${this.#tester()}
      ${this.#plugs.render(({ plugs, filters }) => this.#tables(plugs, filters))}`;
  }

  #tables(plugs: readonly Plug[], filters: readonly Filter[]): TemplateResult {
    const own = plugs.filter((plug) => !isSystemPlug(plug));
    const shown = this.#system ? plugs : own;
    return html`<section>
        <h2>Filters <span>run before every plug</span></h2>
        ${filters.length === 0 ? html`<span class="dim">None.</span>` : filterTable(filters)}
      </section>
      <section>
        <h2>Plugs <span>${own.length}, and ${plugs.length - own.length} of the platform</span></h2>
        <div class="toolbar">
          ${checkbox("show the platform's own", this.#system, (system) => {
            this.#system = system;
            this.#app.keep("plugs.system", system);
            this.#app.invalidate();
          })}
        </div>
        ${shown.length === 0 ? empty("Nothing is plugged.", "moc plug /hello hello") : plugTable(this.#app, shown)}
      </section>`;
  }

  #tester(): TemplateResult {
    return html`<section class="box" aria-labelledby="tester">
      <h2 id="tester">Which one answers?</h2>
      <div class="toolbar">
        ${dropdown({
          label: "Method",
          value: this.#method,
          choices: METHODS.map((method) => [method, method.toUpperCase()]),
          onChange: (value) => (this.#method = value),
        })}
        ${textField({
          label: "Path",
          bare: true,
          value: this.#path,
          onInput: (value) => (this.#path = value),
          onEnter: () => void this.#test(),
        })}
        ${textField({
          label: "Host",
          bare: true,
          placeholder: "any host",
          value: this.#host,
          onInput: (value) => (this.#host = value),
          onEnter: () => void this.#test(),
        })}
        ${button("Test", { onClick: () => void this.#test() })}
      </div>
      <div aria-live="polite">${this.#answer()}</div>
    </section>`;
  }

  #answer(): TemplateResult | typeof nothing {
    const match = this.#match;
    if (!match) return nothing;
    if (match instanceof MocError) return failure(match);
    if (!match.plug) return html`<span class="warn">Nothing answers: 404.</span>`;
    const params = Object.entries(match.params);
    return html`<div>
      ${match.filters.map((one) => html`filter <b>${one.name}</b> → `)}
      <span class="mono">${match.plug.method.toUpperCase()} ${match.plug.path}</span> →
      ${match.plug.type} <b>${match.plug.name}</b>
      ${params.map(([name, value]) => html`<span class="tag">${name} = ${value}</span> `)}
    </div>`;
  }

  async #test(): Promise<void> {
    try {
      this.#match = await this.#app.transport.call("matchPlug", {
        query: {
          method: this.#method,
          path: this.#path.split("?", 1)[0] ?? "/",
          ...(this.#host !== "" && { host: this.#host }),
        },
      });
    } catch (thrown) {
      this.#match = MocError.from(thrown);
    }
    this.#app.invalidate();
  }
}

/** Whose deploy brought it, or which blob it is. */
function fileOf({ owner, name }: Plug): TemplateResult {
  if (owner === undefined) {
    const short = name.replace(/^(techID:\/\/[0-9a-f]{12})[0-9a-f]+$/, "$1…");
    return html`<span class="dim" title=${name}>file</span> ${short}`;
  }
  return html`<span class="dim" title=${name}>file of</span>
    <a href="#functions/${encodeURIComponent(owner)}">${owner}</a>`;
}

function plugTable(app: App, plugs: readonly Plug[]): TemplateResult {
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          <th scope="col">method</th>
          <th scope="col">host</th>
          <th scope="col">path</th>
          <th scope="col">answers</th>
          <th scope="col">start function</th>
          <th scope="col">tags</th>
        </tr>
      </thead>
      <tbody>
        ${plugs.map(
          (plug) =>
            html`<tr>
              <td class="mono">${plug.method.toUpperCase()}</td>
              <td class="dim">${plug.host || "any"}</td>
              <td class="mono">${plugPath(app, plug)}</td>
              <td>
                ${
                  plug.type === "function"
                    ? html`<a href="#functions/${encodeURIComponent(plug.name)}">${plug.name}</a>`
                    : fileOf(plug)
                }
              </td>
              <td class="mono dim">${plug.type === "function" ? plug.start_function : ""}</td>
              <td>
                ${Object.entries(plug.tags).map(
                  ([name, value]) => html`<span class="tag">${name}: ${value}</span> `,
                )}
              </td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function filterTable(filters: readonly Filter[]): TemplateResult {
  return html`<table>
    <thead>
      <tr>
        <th scope="col" class="num">order</th>
        <th scope="col">function</th>
        <th scope="col">start function</th>
        <th scope="col">id</th>
      </tr>
    </thead>
    <tbody>
      ${filters.map(
        (filter) =>
          html`<tr>
            <td class="num">${filter.order}</td>
            <td><a href="#functions/${encodeURIComponent(filter.name)}">${filter.name}</a></td>
            <td class="mono">${filter.start_function}</td>
            <td class="mono dim">${filter.id}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}
