import { type ErrorCode, MocError } from "../../runtime/protocol/errors.ts";
import type { PlatformEvent } from "../../runtime/protocol/model.ts";
import { REST, type RestName, type RestResponse } from "../../runtime/protocol/rest.ts";
import { pickFile } from "../pick-file.ts";
import { type Sample, sampleFileName, sampleText } from "../sample.ts";
import { readEvents } from "./event-stream.ts";
import { restUrl } from "./rest-url.ts";
import type {
  Archive,
  BytesAnswer,
  FunctionRequest,
  FunctionResponse,
  Progress,
  Request,
  Transport,
} from "./transport.ts";
import { upload } from "./upload.ts";

const REOPEN_MS = 2000;
const PAGE_TOKEN = "x-moc-page-token";

interface AnyRequest {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Talks with the runtime that served the page. The session cookie goes along by itself; the page's
 * own token tells its requests from those of other pages of this origin.
 */
export class BrowserTransport implements Transport {
  readonly editor = false;
  readonly #proof: Readonly<Record<string, string>>;

  constructor() {
    const meta = document.querySelector<HTMLMetaElement>(`meta[name="moc-page-token"]`);
    this.#proof = meta?.content ? { [PAGE_TOKEN]: meta.content } : {};
    meta?.remove();
  }

  async call<N extends RestName>(name: N, request?: Request<N>): Promise<RestResponse<N>> {
    const response = await this.#send(name, request as AnyRequest | undefined);
    return (await response.json()) as RestResponse<N>;
  }

  async bytes<N extends RestName>(name: N, request?: Request<N>): Promise<BytesAnswer> {
    const response = await this.#send(name, request as AnyRequest | undefined);
    return {
      bytes: new Uint8Array(await response.arrayBuffer()),
      headers: Object.fromEntries(response.headers),
    };
  }

  async invoke(request: FunctionRequest): Promise<FunctionResponse> {
    const start = performance.now();
    const response = await reach(request.path, {
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
    const abort = new AbortController();
    const follow = async () => {
      while (!abort.signal.aborted) {
        try {
          const { body } = await this.#send("events", {}, abort.signal);
          connected(true);
          if (body) for await (const event of readEvents(body)) handler(event);
        } catch {
          // Signed out, or the runtime is gone: what the page asks besides tells which.
        }
        connected(false);
        await new Promise((resolve) => setTimeout(resolve, REOPEN_MS));
      }
    };
    void follow();
    return () => abort.abort();
  }

  openSource(): void {
    // A browser has no editor to open it in.
  }

  save(name: string, contentType: string, bytes: Uint8Array): void {
    saveBlob(name, new Blob([bytes as Uint8Array<ArrayBuffer>], { type: contentType }));
  }

  async saveSample(_function: string, sample: Sample): Promise<string> {
    const name = sampleFileName(sample);
    this.save(name, "application/json", new TextEncoder().encode(sampleText(sample)));
    return name;
  }

  async exportBackup(name: string, progress: Progress): Promise<number> {
    const response = await this.#send("backup");
    const parts: Uint8Array<ArrayBuffer>[] = [];
    let received = 0;
    const reader = response.body?.getReader();
    for (let one = await reader?.read(); one && !one.done; one = await reader?.read()) {
      parts.push(one.value);
      received += one.value.length;
      progress(received);
    }
    saveBlob(name, new Blob(parts, { type: "application/gzip" }));
    return received;
  }

  async chooseArchive(): Promise<Archive | undefined> {
    const file = await pickFile(".gz,.tgz,.json,application/gzip,application/json");
    if (!file) return undefined;
    return {
      name: file.name,
      size: file.size,
      restore: (progress) => this.#restore(file, progress),
    };
  }

  async #restore(file: File, progress: Progress): Promise<number> {
    const answer = await upload(restUrl("restore"), {
      method: REST.restore.method,
      headers: { ...this.#proof, "content-type": "application/octet-stream" },
      body: file,
      progress,
    }).catch(unreachable);
    if (answer.status >= 300) throw failure(answer.status, answer.text);
    return (JSON.parse(answer.text) as RestResponse<"restore">).entries;
  }

  async #send(
    name: RestName,
    request: AnyRequest = {},
    signal: AbortSignal | null = null,
  ): Promise<Response> {
    const call = REST[name];
    const raw = call.body === "bytes";
    const { body } = request;
    const response = await reach(restUrl(name, request), {
      method: call.method,
      headers: {
        ...request.headers,
        ...this.#proof,
        ...(body !== undefined && {
          "content-type": raw ? "application/octet-stream" : "application/json",
        }),
      },
      ...(body !== undefined && { body: (raw ? body : JSON.stringify(body)) as BodyInit }),
      signal,
    });
    if (response.ok) return response;
    throw failure(response.status, await response.text());
  }
}

/** @throws MOC_UNREACHABLE */
function reach(url: string, init: RequestInit): Promise<Response> {
  return fetch(url, init).catch(unreachable);
}

function unreachable(cause: unknown): never {
  throw new MocError("MOC_UNREACHABLE", "The runtime does not answer; is it running?", { cause });
}

function saveBlob(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

function failure(status: number, text: string): MocError {
  try {
    const { code, message } = JSON.parse(text) as { code: ErrorCode; message: string };
    return MocError.fromJSON({ code, message });
  } catch {
    return new MocError("MOC_INTERNAL", `The runtime answered with status ${status}.`);
  }
}
