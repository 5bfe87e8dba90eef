import type { IncomingMessage, ServerResponse } from "node:http";
import type { CallerSignal } from "../core/call.ts";
import { ChurnMap } from "../core/churn-map.ts";
import { MocError } from "../protocol/errors.ts";
import type { Headers } from "../protocol/host-ops.ts";
import { PLATFORM_LIMITS } from "../protocol/limits.ts";
import type { FilePlug, Filter, FunctionPlug } from "../protocol/model.ts";
import type { AdminArea } from "./admin-area.ts";
import { CallerLeft } from "./caller-signal.ts";
import { answerError } from "./error-answer.ts";
import { type FilterOutcome, runFilters } from "./filter-chain.ts";
import type { FrontParts } from "./front-parts.ts";
import { headerLimitBytes, requestLimitBytes } from "./function-limits.ts";
import { clientGone, HttpAnswer } from "./http-answer.ts";
import { isLoopback } from "./peer.ts";
import { ReplayedBody } from "./replayed-body.ts";
import { hasBody, NO_BODY, type RequestBody, takeBody } from "./request-body.ts";
import { addFacts, type RequestHeaders, takeHeaders } from "./request-facts.ts";
import { parseTarget, type RequestTarget } from "./request-target.ts";
import { answerFile } from "./static-file.ts";

const NO_FILTERS: readonly Filter[] = [];

/** A body that is not read is thrown away for this long, in ms, so that its sender sees the answer. */
const LINGER_MS = 2000;

const UNSENT_BYTES = 64 * 1024;

interface HttpHandlerOptions {
  /** Show the stacks of guests to peers on this machine. */
  readonly trace: boolean;
}

/** One request between its parts. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly answer: HttpAnswer;
  readonly target: RequestTarget;
  readonly headers: RequestHeaders;
  /** For the call reports. */
  readonly title: string;
  readonly filters: readonly Filter[];
  readonly signal: CallerSignal;
}

/** Answers http requests: finds the plug, runs the filters, then the function or the file. */
export class HttpHandler {
  readonly #parts: FrontParts;
  readonly #admin: AdminArea;
  readonly #options: HttpHandlerOptions;
  /** Answers that are not wholly sent. */
  readonly #open = new ChurnMap<number, ServerResponse>();
  #served = 0;
  #draining = false;

  constructor(parts: FrontParts, admin: AdminArea, options: HttpHandlerOptions) {
    this.#parts = parts;
    this.#admin = admin;
    this.#options = options;
  }

  /** Never rejects: what goes wrong is the answer. */
  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const left = new CallerLeft();
    const number = this.#served++;
    this.#open.set(number, response);
    response.on("close", () => {
      this.#open.take(number);
      if (!response.writableFinished) left.abort(clientGone());
      else if (this.#draining) request.socket.destroySoon();
    });
    try {
      await this.#serve(request, response, left);
    } catch (error) {
      this.#fail(request, response, MocError.from(error));
    }
    if (!request.complete) linger(request);
    if (response.writableLength > UNSENT_BYTES)
      response.socket?.setTimeout(PLATFORM_LIMITS.answerStallMs.value);
  }

  /** From now on connections end with the answer that is on its way on them. */
  drain(): void {
    this.#draining = true;
  }

  /**
   * Whether an answer is complete but not yet with the system: Node takes its connection for idle
   * then, and closing idle connections would cut it off.
   */
  get isFlushing(): boolean {
    for (const { writableEnded, writableFinished } of this.#open.values()) {
      if (writableEnded && !writableFinished) return true;
    }
    return false;
  }

  async #serve(
    request: IncomingMessage,
    response: ServerResponse,
    signal: CallerSignal,
  ): Promise<void> {
    const host = request.headers.host ?? "";
    const target = parseTarget(request.url ?? "/", host);
    const method = (request.method ?? "GET").toLowerCase();
    this.#admin.checkWorker(request, target.path);
    const found = this.#parts.plugs.match(method, host, target.path);
    const guarded =
      this.#admin.covers(target.path) || (found && this.#admin.covers(found.plug.path));
    if (guarded && (await this.#admin.admit(request, response, target))) return;
    if (!found) throw this.#unmatched(response, host, target.path);

    const headers = takeHeaders(request);
    if (guarded) delete headers.authorization;
    addFacts(headers, request, { method, host, target, params: found.params });
    const { plug } = found;
    const exchange: Exchange = {
      request,
      response,
      answer: new HttpAnswer(response, () => headerLimitBytes(plug.name, this.#parts)),
      target,
      headers,
      title: `${request.method} ${request.url}`,
      // A filter that fails or forbids must not lock its owner out of the calls that remove it.
      filters: guarded ? NO_FILTERS : this.#parts.filters.list(),
      signal,
    };
    if (plug.type === "file") await this.#file(exchange, plug);
    else await this.#function(exchange, plug);
  }

  async #function(exchange: Exchange, plug: FunctionPlug): Promise<void> {
    const body = hasBody(exchange.headers) ? await this.#body(exchange, plug) : NO_BODY;
    const stream = body.stream;
    let replayed: ReplayedBody | undefined;
    let before: Headers | undefined;
    if (exchange.filters.length > 0) {
      if (stream) replayed = new ReplayedBody(stream);
      const outcome = await this.#filter(exchange, body, replayed);
      before = outcome.headers;
      if (outcome.end) {
        exchange.answer.finish(outcome.end, before);
        return;
      }
    }
    exchange.headers["x-moc-plug-data"] = plug.data;
    const end = await this.#parts.calls.run({
      name: plug.name,
      startFunction: plug.start_function,
      headers: exchange.headers,
      body: body.bytes,
      stream: replayed?.open() ?? stream,
      sink: exchange.answer,
      outputHeaders: before,
      trigger: "http",
      target: exchange.title,
      signal: exchange.signal,
    });
    exchange.answer.finish(end, before);
  }

  async #file(exchange: Exchange, plug: FilePlug): Promise<void> {
    let before: Headers | undefined;
    if (exchange.filters.length > 0) {
      const outcome = await this.#filter(exchange, NO_BODY, undefined);
      before = outcome.headers;
      if (outcome.end) {
        exchange.answer.finish(outcome.end, before);
        return;
      }
    }
    await answerFile(exchange.request, exchange.response, {
      parts: this.#parts,
      name: plug.name,
      headers: before,
    });
  }

  #filter(
    exchange: Exchange,
    body: RequestBody,
    stream: ReplayedBody | undefined,
  ): Promise<FilterOutcome> {
    return runFilters(this.#parts, exchange.filters, {
      headers: exchange.headers,
      bytes: body.bytes,
      stream,
      target: exchange.title,
      signal: exchange.signal,
    });
  }

  #body(exchange: Exchange, plug: FunctionPlug): RequestBody | Promise<RequestBody> {
    const limitBytes = requestLimitBytes(plug.name, this.#parts);
    const { request, response, headers } = exchange;
    const body = takeBody(request, headers, limitBytes);
    if (headers.expect !== undefined) response.writeContinue();
    return body;
  }

  #unmatched(response: ServerResponse, host: string, path: string): MocError {
    const title = `${response.req.method} ${path}`;
    const methods = this.#parts.plugs.methodsFor(host, path);
    if (methods.length === 0) {
      // Who opens the address of a new platform in a browser meets this first.
      const near = isLoopback(response.req.socket.remoteAddress);
      const way = near ? "; the dashboard, /dashboard/, shows what is" : "";
      return new MocError("MOC_NOT_FOUND", `Nothing is plugged on ${title}${way}.`);
    }
    const allow = methods.join(", ");
    response.setHeader("allow", allow);
    return new MocError("MOC_METHOD", `Nothing is plugged on ${title}; there is: ${allow}.`);
  }

  #fail(request: IncomingMessage, response: ServerResponse, error: MocError): void {
    if (error.code === "MOC_CANCELLED" && response.destroyed) return;
    const near = isLoopback(request.socket.remoteAddress);
    if (error.code === "MOC_INTERNAL") {
      this.#parts.onDefect(error, `${request.method} ${request.url}`);
    }
    answerError(response, error, {
      guestStack: near && this.#options.trace,
      defects: near,
    });
  }
}

/**
 * Lets an unread body pass for a moment: closing at once would lose the answer on its way, and the
 * connection is of use for the next request.
 */
function linger(request: IncomingMessage): void {
  // Who listens for it holds it back, although nobody reads any more.
  request.removeAllListeners("readable");
  request.resume();
  const timer = setTimeout(() => {
    if (!request.complete) request.destroy();
  }, LINGER_MS);
  timer.unref();
  request.on("close", () => clearTimeout(timer));
}
