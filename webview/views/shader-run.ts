import { html, nothing, type TemplateResult } from "lit";
import { MocError } from "../../runtime/protocol/errors.ts";
import type { FunctionSummary } from "../../runtime/protocol/rest.ts";
import { asJson, asText, hexDump } from "../bytes.ts";
import { formatBytes, formatMs } from "../format.ts";
import { failure } from "../loading.ts";
import { controlText, type ShaderControl, shaderControls } from "../shader-declaration.ts";
import { shaderPlug } from "../shader-plug.ts";
import { numberGrid, sourceProblems } from "../shader-result.ts";
import { button, dropdown, textArea } from "../toolkit.ts";
import type { FunctionResponse } from "../transport/transport.ts";
import type { App } from "../view.ts";
import { heatMap, numberTable } from "../widgets/heat-map.ts";
import { picture } from "../widgets/picture.ts";
import { shaderControl } from "../widgets/shader-control.ts";
import { sourceView } from "../widgets/source-view.ts";

type Form = "picture" | "heat" | "table" | "hex";

/** How a result is asked for: the runtime converts it. */
const ACCEPT: Readonly<Record<Form, string>> = {
  picture: "image/png",
  heat: "application/json",
  table: "application/json",
  hex: "application/octet-stream",
};

const RERUN_MS = 120;
const HEX_SHOWN = 4096;

/** One shader: its parameters as controls that run it again, its result, and its source. */
export class ShaderRun {
  readonly name: string;
  readonly #app: App;
  readonly #plug: { readonly path: string; readonly method: string } | undefined;
  #controls: readonly ShaderControl[] = [];
  #source = "";
  #body: string | Uint8Array = "";
  #form: Form = "picture";
  #answer: FunctionResponse | MocError | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #busy = false;
  #again = false;

  constructor(app: App, shader: FunctionSummary) {
    this.name = shader.name;
    this.#app = app;
    const plug = shaderPlug(shader);
    this.#plug = plug && { path: plug.path, method: plug.method.toUpperCase() };
    void this.#start(shader);
  }

  render(): TemplateResult {
    return html`<div class="columns shader">
      <section aria-labelledby="result">
        <h2 id="result">${this.name} ${this.#facts()}</h2>
        ${this.#plug ? this.#result() : noPlug(this.name)}
      </section>
      <section aria-labelledby="inputs">
        <h2 id="inputs">Inputs</h2>
        ${this.#controls.map((one) => shaderControl(one, () => this.#changed()))}
        ${this.#plug ? this.#inputs(this.#plug.method) : nothing}
      </section>
    </div>`;
  }

  #inputs(method: string): TemplateResult {
    return html`${method === "GET" ? nothing : this.#bodyInput()}
      ${
        this.#controls.length === 0 && method === "GET"
          ? html`<p class="dim">This shader declares no parameters.</p>`
          : nothing
      }
      <div class="toolbar">
        ${dropdown({
          label: "Result as",
          value: this.#form,
          choices: [
            ["picture", "Picture"],
            ["heat", "Heat map"],
            ["table", "Table"],
            ["hex", "Hex"],
          ],
          onChange: (form) => {
            this.#form = form as Form;
            void this.#run();
          },
        })}
        ${button("Run", { onClick: () => void this.#run() })}
        ${button("Save PNG", { secondary: true, onClick: () => void this.#save("picture", "png") })}
        ${button("Save raw", { secondary: true, onClick: () => void this.#save("hex", "bin") })}
      </div>`;
  }

  #bodyInput(): TemplateResult {
    const body = this.#body;
    return html`${
      typeof body === "string"
        ? textArea({
            label: "Body: JSON, such as [1, 2, 3]",
            rows: 5,
            value: body,
            onInput: (text) => {
              this.#body = text;
              this.#changed();
            },
          })
        : html`<p>A file of ${formatBytes(body.length)}.</p>`
    }
    <div class="toolbar">
      ${button("Picture or file…", { secondary: true, onClick: () => this.#chooseFile() })}
    </div>`;
  }

  #facts(): TemplateResult | typeof nothing {
    const answer = this.#answer;
    if (this.#busy) return html`<span>running…</span>`;
    if (!answer || answer instanceof MocError) return nothing;
    return html`<span>${formatMs(answer.durationMs)} · ${formatBytes(answer.body.length)}</span>`;
  }

  #result(): TemplateResult {
    const answer = this.#answer;
    if (!answer) return html`<div class="state dim">${this.#waiting()}</div>`;
    if (answer instanceof MocError) return failure(answer);
    if (answer.status >= 400) return this.#problem(answer);
    const type = answer.headers.find(([name]) => name === "content-type")?.[1] ?? "";
    if (type.startsWith("image/")) return picture(answer.body, type);
    const grid = type.startsWith("application/json") ? numberGrid(asJson(answer.body)) : undefined;
    if (grid) return this.#form === "table" ? numberTable(grid) : heatMap(grid);
    return html`<pre class="box table" tabindex="0" aria-label="Bytes">${hexDump(answer.body, HEX_SHOWN)}</pre>`;
  }

  #waiting(): string {
    if (this.#busy) return "Running…";
    const wanted = this.#plug?.method !== "GET" && this.#body.length === 0;
    return wanted ? "Not run yet: it takes a body, numbers or a picture." : "Not run yet.";
  }

  /** A compile error stands beside the line of the source that it is about. */
  #problem(answer: FunctionResponse): TemplateResult {
    const { code, message } = errorOf(answer);
    const problems = sourceProblems(message);
    return html`<div class="state err" role="alert"><b>${code}</b> ${message}</div>
      ${problems.length > 0 ? sourceView(this.#source, problems) : nothing}`;
  }

  #changed(): void {
    this.#app.invalidate();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#run(), RERUN_MS);
  }

  #chooseFile(): void {
    const input = document.createElement("input");
    input.type = "file";
    input.addEventListener("change", async () => {
      const [file] = input.files ?? [];
      if (!file) return;
      this.#body = new Uint8Array(await file.arrayBuffer());
      this.#changed();
    });
    input.click();
  }

  async #start(shader: FunctionSummary): Promise<void> {
    try {
      const { bytes } = await this.#app.transport.bytes("getBlob", {
        path: { tech_id: shader.techID },
      });
      this.#source = asText(bytes) ?? "";
    } catch (thrown) {
      this.#answer = MocError.from(thrown);
    }
    this.#controls = shaderControls(shader.settings.shader, this.#source);
    this.#app.invalidate();
    if (this.#plug?.method === "GET") await this.#run();
  }

  /** One run at a time; changes meanwhile are run when it is done. */
  async #run(): Promise<void> {
    if (this.#busy) {
      this.#again = true;
      return;
    }
    this.#busy = true;
    this.#app.invalidate();
    do {
      this.#again = false;
      this.#answer = await this.#ask(this.#form).catch(MocError.from);
    } while (this.#again);
    this.#busy = false;
    this.#app.invalidate();
  }

  async #ask(form: Form): Promise<FunctionResponse> {
    const { path, method } = this.#plug ?? { path: "/", method: "GET" };
    const query = new URLSearchParams(this.#controls.map((one) => [one.name, controlText(one)]));
    const body = this.#body;
    return this.#app.transport.invoke({
      method,
      path: query.size > 0 ? `${path}?${query}` : path,
      headers: {
        accept: `${ACCEPT[form]}, */*;q=0.1`,
        ...(method !== "GET" &&
          typeof body === "string" &&
          body !== "" && { "content-type": "application/json" }),
      },
      ...(method !== "GET" && {
        body: typeof body === "string" ? new TextEncoder().encode(body) : body,
      }),
    });
  }

  async #save(form: Form, ending: string): Promise<void> {
    try {
      const answer = await this.#ask(form);
      if (answer.status >= 400) throw new MocError("MOC_BAD_REQUEST", errorOf(answer).message);
      this.#app.transport.save(`${this.name}.${ending}`, ACCEPT[form], answer.body);
    } catch (thrown) {
      this.#app.tell(MocError.from(thrown).message, "err");
    }
  }
}

function noPlug(name: string): TemplateResult {
  return html`<div class="state dim">
    Plug '${name}' on a URL without parameters to run it here: moc plug /${name} ${name}
  </div>`;
}

function errorOf({ status, body }: FunctionResponse): {
  readonly code: string;
  readonly message: string;
} {
  const json = asJson(body) as { readonly code?: unknown; readonly message?: unknown } | undefined;
  if (typeof json?.code === "string" && typeof json.message === "string") {
    return { code: json.code, message: json.message };
  }
  return { code: `status ${status}`, message: asText(body) ?? "" };
}
