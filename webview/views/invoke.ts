import { html, nothing, type TemplateResult } from "lit";
import { MocError } from "../../runtime/protocol/errors.ts";
import type { ExchangePart } from "../../runtime/protocol/model.ts";
import { fromBase64, toBase64 } from "../bytes.ts";
import { formatBytes } from "../format.ts";
import { failure } from "../loading.ts";
import { pickFile } from "../pick-file.ts";
import { isWhole, pathParameters, type Sample } from "../sample.ts";
import { saveSample } from "../save-sample.ts";
import { button, dropdown, textArea, textField } from "../toolkit.ts";
import type { App, View } from "../view.ts";
import { type Answer, AnswerView } from "./answer-view.ts";
import {
  bodyBytes,
  callToRepeat,
  FIRST_REQUEST,
  hasBody,
  httpRequest,
  METHODS,
  type Request,
  requestFor,
  requestOfCall,
  requestOfSample,
  sampleOfRequest,
  type Way,
} from "./invoke-request.ts";

const SAMPLES_MAX = 50;
/** Characters of a body in base64 that are kept over a reload. */
const KEPT_MAX = 100_000;

/** Sends a request to a function and shows its whole answer; a status over 299 is an answer too. */
export class Invoke implements View {
  readonly #app: App;
  readonly #request: Request;
  readonly #answer: AnswerView;
  #samples: readonly Sample[];
  #error: MocError | undefined;
  #busy = false;
  #filling = false;

  constructor(app: App) {
    this.#app = app;
    this.#request = { ...FIRST_REQUEST, ...app.load<Partial<Request>>("invoke", {}) };
    this.#samples = app.load<readonly Sample[]>("samples", []);
    this.#answer = new AnswerView(app);
  }

  enter(detail: string): void {
    void this.#enter(detail);
  }

  async #enter(detail: string): Promise<void> {
    const { functions } = this.#app;
    // What is sent meanwhile would not be what the user asked for.
    this.#filling = detail !== "";
    if (functions.all.value === undefined) await functions.refresh();
    if (detail === "") return;
    const call = callToRepeat(detail);
    if (call === undefined) this.#fill(requestFor(detail, functions.all.value ?? []));
    else await this.#fillFromCall(call);
    this.#filling = false;
    this.#answer.clear();
    // What is filled in from now on is the user's: a reload must not fill it again.
    this.#app.go({ section: "invoke", detail: "" });
  }

  /** What of it is not known any more is told. */
  async #fillFromCall(id: string): Promise<void> {
    const { transport } = this.#app;
    try {
      const { call } = await transport.call("call", { path: { id } });
      const exchange = await transport
        .call("callExchange", { path: { id } })
        .then((answer) => answer.exchange, MocError.from);
      if (exchange instanceof MocError) {
        this.#fill(requestOfCall(call));
        this.#app.tell(`Method and URL only: ${exchange.message}.`);
        return;
      }
      this.#fill(requestOfCall(call, exchange));
      const lost = lostOf(exchange.request);
      if (lost !== "") this.#app.tell(lost);
    } catch (thrown) {
      this.#app.tell(MocError.from(thrown).message, "err");
    }
  }

  render(): TemplateResult {
    const request = this.#request;
    return html`<h1>Invoke</h1>
      <div class="toolbar">
        ${dropdown({
          label: "How",
          value: request.way,
          choices: [
            ["http", "by URL"],
            ["direct", "by name, direct"],
            ["posix", "by name, posix"],
          ],
          onChange: (way) => this.#fill({ way: way as Way }),
        })}
        ${request.way === "http" ? this.#httpLine() : this.#callLine()}
        ${button(this.#busy ? "Sending…" : "Send", {
          disabled: this.#busy || this.#filling,
          onClick: () => void this.#send(),
        })}
      </div>
      <div class="columns halves">
        <section>${this.#inputs()} ${request.way === "http" ? this.#sampleTools() : nothing}</section>
        <section aria-live="polite">
          ${this.#error ? failure(this.#error) : this.#answer.render()}
        </section>
      </div>`;
  }

  #httpLine(): TemplateResult {
    const request = this.#request;
    return html`${this.#plugChoice()}
    ${dropdown({
      label: "Method",
      value: request.method,
      choices: METHODS.map((method) => [method, method]),
      onChange: (method) => this.#fill({ method }),
    })}
    ${textField({
      label: "Path",
      bare: true,
      wide: true,
      value: request.path,
      onInput: (path) => this.#fill({ path }),
      onEnter: () => void this.#send(),
    })}`;
  }

  /** A function's URL, to begin with. */
  #plugChoice(): TemplateResult {
    const plugs = this.#app.functions.own.flatMap((one) =>
      one.plugs.map((plug) => {
        const method = plug.method.toUpperCase();
        return {
          key: `${method} ${plug.path}`,
          title: `${one.name}: ${method} ${plug.path}`,
          plug,
        };
      }),
    );
    return dropdown({
      label: "Function",
      value: plugs.find((one) => one.plug.path === this.#request.path)?.key ?? "",
      choices: [["", "any URL"], ...plugs.map((one) => [one.key, one.title] as const)],
      onChange: (key) => {
        const chosen = plugs.find((one) => one.key === key)?.plug;
        if (chosen) this.#fill({ method: chosen.method.toUpperCase(), path: chosen.path });
      },
    });
  }

  #callLine(): TemplateResult {
    const request = this.#request;
    const names = this.#app.functions.all.value?.map((one) => one.name) ?? [];
    return html`${dropdown({
      label: "Function",
      value: request.name,
      choices: [["", "choose a function"], ...names.map((name) => [name, name] as const)],
      onChange: (name) => this.#fill({ name }),
    })}
    ${textField({
      label: "Start function",
      bare: true,
      placeholder: "start function",
      value: request.start,
      onInput: (start) => this.#fill({ start }),
    })}
    ${textField({
      label: "Arguments",
      bare: true,
      placeholder: request.way === "direct" ? "integers: 1 2 3" : "arguments",
      value: request.arguments,
      onInput: (value) => this.#fill({ arguments: value }),
    })}`;
  }

  #inputs(): TemplateResult {
    const request = this.#request;
    return html`${request.way === "http" ? this.#urlInputs() : nothing}
    ${
      hasBody(request)
        ? this.#bodyInput(request.way === "http" ? "Body" : "Input")
        : html`<p class="dim">${request.method} has no body.</p>`
    }`;
  }

  #bodyInput(label: string): TemplateResult {
    const { body, bodyBase64, bodyName } = this.#request;
    if (bodyBase64 !== "") {
      const size = formatBytes(fromBase64(bodyBase64).length);
      return html`<div class="toolbar samples">
        <span>${label}: ${bodyName}, ${size}</span>
        ${button("File…", {
          secondary: true,
          title: "Send another file as the body",
          onClick: () => void this.#chooseFile(),
        })}
        ${button("As text instead", {
          secondary: true,
          onClick: () => this.#fill({ bodyBase64: "", bodyName: "" }),
        })}
      </div>`;
    }
    return html`${textArea({
      label,
      rows: 10,
      value: body,
      onInput: (text) => this.#fill({ body: text }),
    })}
    ${button("File…", {
      secondary: true,
      title: "Send a file as the body",
      onClick: () => void this.#chooseFile(),
    })}`;
  }

  async #chooseFile(): Promise<void> {
    const file = await pickFile();
    if (!file) return;
    const bytes = new Uint8Array(await file.arrayBuffer());
    this.#fill({ bodyBase64: toBase64(bytes), bodyName: file.name });
  }

  #urlInputs(): TemplateResult {
    const request = this.#request;
    return html`${pathParameters(request.path).map((name) =>
      textField({
        label: `Path parameter ${name}`,
        wide: true,
        value: request.params[name] ?? "",
        onInput: (value) => this.#fill({ params: { ...request.params, [name]: value } }),
        onEnter: () => void this.#send(),
      }),
    )}
    ${textField({
      label: "Query",
      wide: true,
      placeholder: "name=value&name=value",
      value: request.query,
      onInput: (query) => this.#fill({ query }),
      onEnter: () => void this.#send(),
    })}
    ${textArea({
      label: "Headers, one a line",
      rows: 3,
      placeholder: "content-type: application/json",
      value: request.headers,
      onInput: (headers) => this.#fill({ headers }),
    })}`;
  }

  /** Requests that the user keeps, and a file of one for the function's folder. */
  #sampleTools(): TemplateResult {
    return html`<div class="toolbar samples">
      ${
        this.#samples.length > 0
          ? dropdown({
              label: "Samples",
              value: "",
              choices: [
                ["", "saved samples"],
                ...this.#samples.map((one, index) => [String(index), one.name] as const),
              ],
              onChange: (index) => {
                const sample = this.#samples[Number(index)];
                if (index !== "" && sample) this.#fill(requestOfSample(sample));
              },
            })
          : nothing
      }
      ${button("Keep here", {
        secondary: true,
        title: "Keeps the request in this dashboard",
        onClick: () => this.#keepSample(),
      })}
      ${button("Save as sample", {
        secondary: true,
        title: "A file in the function's folder 'samples'",
        onClick: () => void this.#saveSample(),
      })}
    </div>`;
  }

  #sample(): Sample {
    const { method, path, query } = this.#request;
    const name = `${method} ${path}${query === "" ? "" : `?${query}`}`;
    return sampleOfRequest(name, this.#request, this.#answer.answer?.status);
  }

  #keepSample(): void {
    const sample = this.#sample();
    const others = this.#samples.filter((one) => one.name !== sample.name);
    this.#samples = [sample, ...others].slice(0, SAMPLES_MAX);
    this.#app.keep("samples", this.#samples);
    this.#app.tell(`Sample '${sample.name}' kept.`);
  }

  async #saveSample(): Promise<void> {
    const { path } = this.#request;
    const owner = this.#app.functions.own.find((one) =>
      one.plugs.some((plug) => plug.path === path),
    );
    await saveSample(this.#app, owner?.name ?? "function", this.#sample());
  }

  #fill(part: Partial<Request>): void {
    Object.assign(this.#request, part);
    this.#app.keep("invoke", keptOf(this.#request));
    this.#app.invalidate();
  }

  async #send(): Promise<void> {
    if (this.#busy || this.#filling) return;
    this.#busy = true;
    this.#app.invalidate();
    try {
      const sent = this.#request.way === "http" ? this.#sendHttp() : this.#callByName();
      this.#answer.show(await sent);
      this.#error = undefined;
    } catch (thrown) {
      this.#error = MocError.from(thrown);
    }
    this.#busy = false;
    this.#app.invalidate();
  }

  async #sendHttp(): Promise<Answer> {
    const answer = await this.#app.transport.invoke(httpRequest(this.#request));
    return { ...answer, statusName: `status ${answer.status}` };
  }

  async #callByName(): Promise<Answer> {
    const { way, name, start } = this.#request;
    const words = this.#request.arguments.split(/\s+/).filter((word) => word !== "");
    const startedAt = performance.now();
    const answer = await this.#app.transport.call("callFunction", {
      body: {
        name,
        mode: way,
        input: toBase64(bodyBytes(this.#request)),
        ...(start !== "" && { start_function: start }),
        ...(way === "direct" ? { arguments: words.map(Number) } : { posix_arguments: words }),
      },
    });
    return {
      status: answer.output_status ?? 200,
      statusName: `result ${answer.result}`,
      headers: Object.entries(answer.output_headers),
      body: fromBase64(answer.output),
      durationMs: performance.now() - startedAt,
    };
  }
}

/** A large file is chosen again after a reload: what is kept has little room. */
function keptOf(request: Request): Request {
  if (request.bodyBase64.length <= KEPT_MAX) return request;
  return { ...request, bodyBase64: "", bodyName: "" };
}

/** What a call was given that is not known, in a sentence; empty when all is. */
function lostOf(request: ExchangePart): string {
  const lost: string[] = [];
  if (request.hidden.length > 0) lost.push(`the values of ${request.hidden.join(", ")}`);
  if (!isWhole(request)) lost.push("the body, of which the runtime keeps the beginning only");
  return lost.length === 0 ? "" : `Not filled in: ${lost.join("; ")}.`;
}
