import { html, nothing, type TemplateResult } from "lit";
import { MocError } from "../../runtime/protocol/errors.ts";
import type { FunctionSummary } from "../../runtime/protocol/rest.ts";
import { fromBase64 } from "../bytes.ts";
import { formatBytes, formatMs } from "../format.ts";
import { failure, Loading } from "../loading.ts";
import { button, dropdown, textArea, textField } from "../toolkit.ts";
import type { App, View } from "../view.ts";
import { bestForm, formChoice, type ValueForm, valueView } from "../widgets/value-view.ts";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
const BODYLESS = new Set(["GET", "HEAD"]);

type Way = "http" | "direct" | "posix";

interface Answer {
  readonly status: number;
  readonly statusName: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array;
  readonly durationMs: number;
}

/** What the user filled in; kept over a reload. */
interface Request {
  way: Way;
  method: string;
  path: string;
  headers: string;
  body: string;
  name: string;
  start: string;
  arguments: string;
}

const FIRST: Request = {
  way: "http",
  method: "GET",
  path: "/",
  headers: "",
  body: "",
  name: "",
  start: "",
  arguments: "",
};

/** Sends a request to a function and shows its whole answer; a status over 299 is an answer too. */
export class Invoke implements View {
  readonly #app: App;
  readonly #functions: Loading<readonly FunctionSummary[]>;
  readonly #request: Request;
  #answer: Answer | MocError | undefined;
  #form: ValueForm = "text";
  #busy = false;

  constructor(app: App) {
    this.#app = app;
    this.#request = { ...FIRST, ...app.load<Partial<Request>>("invoke", {}) };
    this.#functions = new Loading(() => app.invalidate());
  }

  enter(detail: string): void {
    void this.#functions.load(async () => {
      const { functions } = await this.#app.transport.call("functions");
      if (detail !== "") this.#prefill(detail, functions);
      return functions;
    });
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
          onChange: (value) => this.#change(() => (request.way = value as Way)),
        })}
        ${request.way === "http" ? this.#httpLine() : this.#callLine()}
        ${button(this.#busy ? "Sending…" : "Send", {
          disabled: this.#busy,
          onClick: () => void this.#send(),
        })}
      </div>
      <div class="columns">
        <section>${this.#inputs()}</section>
        <section aria-live="polite">${this.#result()}</section>
      </div>`;
  }

  #httpLine(): TemplateResult {
    const request = this.#request;
    return html`${dropdown({
      label: "Method",
      value: request.method,
      choices: METHODS.map((method) => [method, method]),
      onChange: (value) => this.#change(() => (request.method = value)),
    })}
    ${textField({
      label: "Path and query",
      bare: true,
      value: request.path,
      onInput: (value) => (request.path = value),
      onEnter: () => void this.#send(),
    })}`;
  }

  #callLine(): TemplateResult {
    const request = this.#request;
    const names = this.#functions.value?.map((one) => one.name) ?? [];
    return html`${dropdown({
      label: "Function",
      value: request.name,
      choices: names.map((name) => [name, name]),
      onChange: (value) => this.#change(() => (request.name = value)),
    })}
    ${textField({
      label: "Start function",
      bare: true,
      placeholder: "start function",
      value: request.start,
      onInput: (value) => (request.start = value),
    })}
    ${textField({
      label: "Arguments",
      bare: true,
      placeholder: request.way === "direct" ? "integers: 1 2 3" : "arguments",
      value: request.arguments,
      onInput: (value) => (request.arguments = value),
    })}`;
  }

  #inputs(): TemplateResult {
    const request = this.#request;
    return html`${
      request.way === "http"
        ? textArea({
            label: "Headers, one a line",
            rows: 4,
            placeholder: "content-type: application/json",
            value: request.headers,
            onInput: (value) => (request.headers = value),
          })
        : nothing
    }
    ${
      request.way === "http" && BODYLESS.has(request.method)
        ? html`<p class="dim">${request.method} has no body.</p>`
        : textArea({
            label: request.way === "http" ? "Body" : "Input",
            rows: 12,
            value: request.body,
            onInput: (value) => (request.body = value),
          })
    }`;
  }

  #result(): TemplateResult {
    const answer = this.#answer;
    if (!answer) return html`<div class="state dim">The answer appears here.</div>`;
    if (answer instanceof MocError) return failure(answer);
    return html`<h2>
        <span class=${answer.status >= 400 ? "err" : "ok"}>${answer.statusName}</span>
        <span>${formatMs(answer.durationMs)} · ${formatBytes(answer.body.length)}</span>
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
      </div>
      ${answer.body.length === 0 ? html`<span class="dim">No body.</span>` : valueView(answer.body, this.#form)}`;
  }

  #change(change: () => void): void {
    change();
    this.#app.invalidate();
  }

  /** From a function's name, or from a request line `GET /path`. */
  #prefill(detail: string, functions: readonly FunctionSummary[]): void {
    const line = /^([A-Z]+) (\/.*)$/.exec(detail);
    const request = this.#request;
    const plug = functions.find((one) => one.name === detail)?.plugs[0];
    if (line) Object.assign(request, { way: "http", method: line[1], path: line[2] });
    else if (plug) {
      Object.assign(request, { way: "http", method: plug.method.toUpperCase(), path: plug.path });
    } else Object.assign(request, { way: "direct", name: detail });
    this.#answer = undefined;
  }

  async #send(): Promise<void> {
    this.#busy = true;
    this.#app.keep("invoke", this.#request);
    this.#app.invalidate();
    try {
      this.#answer =
        this.#request.way === "http" ? await this.#sendHttp() : await this.#callByName();
      this.#form = bestForm(this.#answer.body);
    } catch (thrown) {
      this.#answer = MocError.from(thrown);
    }
    this.#busy = false;
    this.#app.invalidate();
  }

  async #sendHttp(): Promise<Answer> {
    const { method, path, headers, body } = this.#request;
    const answer = await this.#app.transport.invoke({
      method,
      path: path.startsWith("/") ? path : `/${path}`,
      headers: parseHeaders(headers),
      ...(!BODYLESS.has(method) && { body: new TextEncoder().encode(body) }),
    });
    return { ...answer, statusName: `status ${answer.status}` };
  }

  async #callByName(): Promise<Answer> {
    const { way, name, start, body } = this.#request;
    const words = this.#request.arguments.split(/\s+/).filter((word) => word !== "");
    const startedAt = performance.now();
    const answer = await this.#app.transport.call("callFunction", {
      body: {
        name,
        mode: way,
        input: btoa(String.fromCharCode(...new TextEncoder().encode(body))),
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

function parseHeaders(text: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of text.split("\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) headers[line.slice(0, colon).trim()] = line.slice(colon + 1).trim();
  }
  return headers;
}
