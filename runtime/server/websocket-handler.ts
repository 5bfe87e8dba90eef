import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { type CallEnd, statusOf } from "../core/call.ts";
import { MocError } from "../protocol/errors.ts";
import { PLATFORM_LIMITS } from "../protocol/limits.ts";
import type { FunctionPlug } from "../protocol/model.ts";
import type { AdminArea } from "./admin-area.ts";
import { runFilters } from "./filter-chain.ts";
import type { FrontParts } from "./front-parts.ts";
import { clientGone } from "./http-answer.ts";
import { isLoopback } from "./peer.ts";
import { type RawAnswer, rawAnswer, rawError } from "./raw-answer.ts";
import { addFacts, type RequestHeaders, takeHeaders } from "./request-facts.ts";
import { parseTarget } from "./request-target.ts";
import { checkPageOrigin } from "./websocket-origin.ts";
import { WebSocketStream } from "./websocket-stream.ts";

interface WebSocketHandlerOptions {
  /** Between two pings, in ms; who misses two of them is gone. */
  readonly pingMs: number;
}

/** A guest that does not notice the end of its socket is ended after this time, in ms. */
const LEAVE_MS = 5000;
const NORMAL = 1000;
const GOING_AWAY = 1001;
const INTERNAL_ERROR = 1011;

interface OpenSocket {
  readonly socket: WebSocket;
  readonly stream: WebSocketStream;
  missed: number;
}

interface Accepted {
  readonly plug: FunctionPlug;
  readonly headers: RequestHeaders;
  readonly title: string;
  readonly signal: AbortSignal;
}

/** Answers websocket upgrades: the call of the plugged function lasts as long as the socket. */
export class WebSocketHandler {
  readonly #parts: FrontParts;
  readonly #admin: AdminArea;
  readonly #open = new Set<OpenSocket>();
  readonly #pings: NodeJS.Timeout;
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: PLATFORM_LIMITS.websocketMessageBytes.value,
  });

  constructor(parts: FrontParts, admin: AdminArea, options: WebSocketHandlerOptions) {
    this.#parts = parts;
    this.#admin = admin;
    this.#pings = setInterval(() => this.#ping(), options.pingMs);
    this.#pings.unref();
  }

  /** Never rejects: what goes wrong is the answer. */
  async serve(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const abort = new AbortController();
    const onGone = () => abort.abort(clientGone());
    socket.on("error", onGone);
    socket.on("close", onGone);
    try {
      const accepted = await this.#accept(request, abort.signal);
      if ("status" in accepted) {
        socket.end(rawAnswer(accepted));
        return;
      }
      if (abort.signal.aborted) return;
      // From here on the end of the socket is for the guest to see first.
      socket.off("error", onGone);
      socket.off("close", onGone);
      this.#server.handleUpgrade(request, socket, head, (opened) => {
        void this.#run(opened, accepted, abort);
      });
    } catch (error) {
      socket.end(this.#refusal(request, MocError.from(error)));
    }
  }

  /** Tells every peer that the platform stops. */
  close(): void {
    clearInterval(this.#pings);
    for (const { stream } of this.#open) stream.end(GOING_AWAY, "The runtime is stopping.");
  }

  async #accept(request: IncomingMessage, signal: AbortSignal): Promise<Accepted | RawAnswer> {
    const host = request.headers.host ?? "";
    const target = parseTarget(request.url ?? "/", host);
    const found = this.#parts.plugs.match("get", host, target.path);
    const guarded =
      this.#admin.covers(target.path) || (found && this.#admin.covers(found.plug.path));
    if (guarded) this.#admin.check(request);
    if (!found) throw new MocError("MOC_NOT_FOUND", `Nothing is plugged on GET ${target.path}.`);
    const { plug, params } = found;
    if (plug.type === "file") {
      throw new MocError("MOC_BAD_REQUEST", `${target.path} is a file, not a websocket.`);
    }
    checkPageOrigin(request, plug);
    const headers = takeHeaders(request);
    if (guarded) delete headers.authorization;
    addFacts(headers, request, { method: "get", host, target, params });
    const title = `GET ${request.url}`;
    if (!guarded) {
      const filters = this.#parts.filters.list();
      const { end, headers: set } = await runFilters(this.#parts, filters, {
        headers,
        target: title,
        signal,
      });
      if (end)
        return { status: statusOf(end), headers: { ...set, ...end.headers }, body: end.body };
    }
    headers["x-moc-plug-data"] = plug.data;
    return { plug, headers, title, signal };
  }

  async #run(socket: WebSocket, accepted: Accepted, abort: AbortController): Promise<void> {
    const stream = new WebSocketStream(socket);
    const open: OpenSocket = { socket, stream, missed: 0 };
    let leave: NodeJS.Timeout | undefined;
    this.#open.add(open);
    const alive = () => {
      open.missed = 0;
    };
    socket.on("pong", alive);
    socket.on("message", alive);
    socket.on("close", () => {
      this.#open.delete(open);
      leave = setTimeout(() => abort.abort(clientGone()), LEAVE_MS);
    });
    try {
      const end = await this.#parts.calls.run({
        name: accepted.plug.name,
        startFunction: accepted.plug.start_function,
        headers: accepted.headers,
        stream,
        outputStream: stream,
        trigger: "websocket",
        target: accepted.title,
        signal: accepted.signal,
      });
      await finish(stream, socket, end);
    } catch (error) {
      const { code, message } = MocError.from(error);
      if (code === "MOC_INTERNAL") this.#defect(error, accepted.title);
      stream.end(INTERNAL_ERROR, code === "MOC_INTERNAL" ? code : `${code}: ${message}`);
    } finally {
      clearTimeout(leave);
      socket.on("close", () => clearTimeout(leave));
    }
  }

  #ping(): void {
    for (const open of this.#open) {
      if (open.missed++ >= 2) open.socket.terminate();
      else if (open.socket.readyState === open.socket.OPEN) open.socket.ping();
    }
  }

  #refusal(request: IncomingMessage, error: MocError): string | Uint8Array {
    if (error.code === "MOC_INTERNAL") this.#defect(error, `GET ${request.url}`);
    const near = isLoopback(request.socket.remoteAddress);
    return rawError(error.status, error, near);
  }

  #defect(error: unknown, where: string): void {
    this.#parts.onDefect(MocError.from(error), where);
  }
}

/** What the guest left in its output is a last message. */
async function finish(stream: WebSocketStream, socket: WebSocket, end: CallEnd): Promise<void> {
  if (end.body.length > 0 && socket.readyState === socket.OPEN) await stream.write(end.body);
  stream.end(NORMAL, "");
}
