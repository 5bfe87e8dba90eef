import { type ErrorCode, MocError } from "../../runtime/protocol/errors.ts";
import type { PlatformEvent } from "../../runtime/protocol/model.ts";
import { REST, type RestName, type RestResponse } from "../../runtime/protocol/rest.ts";
import { restUrl } from "./rest-url.ts";
import type {
  BytesAnswer,
  FunctionRequest,
  FunctionResponse,
  Request,
  Transport,
} from "./transport.ts";

const REOPEN_MS = 3000;

/** The runtime names each message of the stream after its kind. */
const KINDS: Readonly<Record<PlatformEvent["kind"], true>> = {
  deployed: true,
  undeployed: true,
  plugs: true,
  filters: true,
  kv: true,
  call: true,
  log: true,
  limit: true,
  executor: true,
  dropped: true,
};
const EVENT_KINDS = Object.keys(KINDS);

interface AnyRequest {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Talks with the runtime that served the page; the session cookie goes along by itself. */
export class BrowserTransport implements Transport {
  readonly editor = false;

  async call<N extends RestName>(name: N, request?: Request<N>): Promise<RestResponse<N>> {
    const response = await this.#send(name, request as AnyRequest | undefined);
    return (await response.json()) as RestResponse<N>;
  }

  async bytes<N extends RestName>(
    name: N,
    request?: Request<N>,
    progress?: (received: number) => void,
  ): Promise<BytesAnswer> {
    const response = await this.#send(name, request as AnyRequest | undefined);
    return {
      bytes: progress
        ? await readAll(response, progress)
        : new Uint8Array(await response.arrayBuffer()),
      headers: Object.fromEntries(response.headers),
    };
  }

  async invoke(request: FunctionRequest): Promise<FunctionResponse> {
    const start = performance.now();
    const response = await fetch(request.path, {
      method: request.method,
      headers: request.headers,
      ...(request.body && { body: request.body as Uint8Array<ArrayBuffer> }),
      redirect: "manual",
    });
    const body = new Uint8Array(await response.arrayBuffer());
    return {
      status: response.status,
      headers: [...response.headers],
      body,
      durationMs: performance.now() - start,
    };
  }

  events(handler: (event: PlatformEvent) => void, connected: (is: boolean) => void): () => void {
    let source: EventSource | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const receive = (message: MessageEvent<string>) => handler(JSON.parse(message.data));
    const open = () => {
      const stream = new EventSource(restUrl("events"));
      source = stream;
      stream.onopen = () => connected(true);
      stream.onerror = () => {
        connected(false);
        // A refused stream (signed out, runtime stopped) is not tried again by the browser itself.
        if (stream.readyState === EventSource.CLOSED) timer = setTimeout(open, REOPEN_MS);
      };
      for (const kind of EVENT_KINDS) stream.addEventListener(kind, receive);
    };
    open();
    return () => {
      clearTimeout(timer);
      source?.close();
    };
  }

  openSource(): void {
    // A browser has no editor to open it in.
  }

  save(name: string, contentType: string, bytes: Uint8Array): void {
    const url = URL.createObjectURL(
      new Blob([bytes as Uint8Array<ArrayBuffer>], { type: contentType }),
    );
    const link = document.createElement("a");
    link.href = url;
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }

  async #send(name: RestName, request: AnyRequest = {}): Promise<Response> {
    const call = REST[name];
    const raw = call.body === "bytes";
    const body =
      request.body === undefined ? undefined : raw ? request.body : JSON.stringify(request.body);
    let response: Response;
    try {
      response = await fetch(restUrl(name, request), {
        method: call.method,
        headers: {
          ...request.headers,
          ...(body !== undefined && {
            "content-type": raw ? "application/octet-stream" : "application/json",
          }),
        },
        ...(body !== undefined && { body: body as BodyInit }),
      });
    } catch (cause) {
      throw new MocError("MOC_UNREACHABLE", "The runtime does not answer; is it running?", {
        cause,
      });
    }
    if (response.ok) return response;
    throw await failure(response);
  }
}

async function readAll(
  response: Response,
  progress: (received: number) => void,
): Promise<Uint8Array> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let received = 0;
  const reader = response.body?.getReader();
  for (let one = await reader?.read(); one && !one.done; one = await reader?.read()) {
    parts.push(one.value);
    received += one.value.length;
    progress(received);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

async function failure(response: Response): Promise<MocError> {
  const text = await response.text();
  try {
    const { code, message } = JSON.parse(text) as { code: ErrorCode; message: string };
    return MocError.fromJSON({ code, message });
  } catch {
    return new MocError("MOC_INTERNAL", `The runtime answered with status ${response.status}.`);
  }
}
