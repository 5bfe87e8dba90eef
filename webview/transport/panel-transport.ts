import { type ErrorJson, MocError } from "../../runtime/protocol/errors.ts";
import type { PlatformEvent } from "../../runtime/protocol/model.ts";
import type { FromPanel, PanelArchive, ToPanel } from "../../runtime/protocol/panel.ts";
import type { RestName, RestResponse } from "../../runtime/protocol/rest.ts";
import type { Sample } from "../sample.ts";
import type {
  Archive,
  BytesAnswer,
  FunctionRequest,
  FunctionResponse,
  Progress,
  Request,
  Transport,
} from "./transport.ts";

/** What the editor gives to a page, once. */
export interface EditorApi {
  postMessage(message: FromPanel): void;
  getState(): unknown;
  setState(state: unknown): void;
}

interface Pending {
  resolve(result: unknown): void;
  reject(error: MocError): void;
  readonly progress: Progress | undefined;
}

type Asked = Extract<FromPanel, { readonly id: number }>;
type Question = Asked extends infer One ? (One extends Asked ? Omit<One, "id"> : never) : never;

/** Talks with the extension, which talks with the runtime: the page opens no socket. */
export class PanelTransport implements Transport {
  readonly editor = true;
  readonly #api: EditorApi;
  readonly #pending = new Map<number, Pending>();
  #nextID = 1;
  #onEvent: (event: PlatformEvent) => void = () => undefined;
  #onConnected: (is: boolean) => void = () => undefined;

  constructor(api: EditorApi) {
    this.#api = api;
    window.addEventListener("message", (message: MessageEvent<unknown>) => {
      if (isToPanel(message.data)) this.#receive(message.data);
    });
  }

  call<N extends RestName>(name: N, request?: Request<N>): Promise<RestResponse<N>> {
    return this.#ask({ method: "rest", name, request }) as Promise<RestResponse<N>>;
  }

  bytes<N extends RestName>(name: N, request?: Request<N>): Promise<BytesAnswer> {
    return this.#ask({ method: "bytes", name, request }) as Promise<BytesAnswer>;
  }

  invoke(request: FunctionRequest): Promise<FunctionResponse> {
    return this.#ask({ method: "invoke", request }) as Promise<FunctionResponse>;
  }

  events(handler: (event: PlatformEvent) => void, connected: (is: boolean) => void): () => void {
    this.#onEvent = handler;
    this.#onConnected = connected;
    this.#api.postMessage({ method: "ready" });
    return () => {
      this.#onEvent = () => undefined;
      this.#onConnected = () => undefined;
    };
  }

  openSource(functionName: string): void {
    this.#api.postMessage({ method: "openSource", function: functionName });
  }

  save(name: string, _contentType: string, bytes: Uint8Array): void {
    this.#api.postMessage({ method: "save", name, bytes });
  }

  async saveSample(functionName: string, sample: Sample): Promise<string | undefined> {
    const file = await this.#ask({ method: "saveSample", function: functionName, sample });
    return (file as string | null) ?? undefined;
  }

  async exportBackup(name: string, progress: Progress): Promise<number | undefined> {
    const bytes = await this.#ask({ method: "exportBackup", name }, progress);
    return (bytes as number | null) ?? undefined;
  }

  async chooseArchive(): Promise<Archive | undefined> {
    const chosen = (await this.#ask({ method: "chooseArchive" })) as PanelArchive | null;
    if (!chosen) return undefined;
    return {
      ...chosen,
      restore: (progress) => this.#ask({ method: "restore" }, progress) as Promise<number>,
    };
  }

  #ask(question: Question, progress?: Progress): Promise<unknown> {
    const id = this.#nextID++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject, progress });
      this.#api.postMessage({ ...question, id } as Asked);
    });
  }

  #receive(message: ToPanel): void {
    if ("kind" in message) {
      if (message.kind === "connected") this.#onConnected(message.connected);
      else if (message.kind === "progress") {
        this.#pending.get(message.id)?.progress?.(message.done, message.total);
      } else for (const event of message.events) this.#onEvent(event);
      return;
    }
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if ("error" in message) pending?.reject(MocError.fromJSON(message.error));
    else pending?.resolve(message.result);
  }
}

/** Other frames may post to this window too: what does not look like ours is ignored. */
function isToPanel(data: unknown): data is ToPanel {
  if (typeof data !== "object" || data === null) return false;
  const { id, kind, error, events, connected, done } = data as Record<string, unknown>;
  if (kind === "events") return Array.isArray(events);
  if (kind === "connected") return typeof connected === "boolean";
  if (typeof id !== "number") return false;
  if (kind === "progress") return typeof done === "number";
  return error === undefined || typeof (error as ErrorJson).message === "string";
}
