import { createServer as createHttpServer, type IncomingMessage, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { isIPv6, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { createSecureContext, type TLSSocket } from "node:tls";
import { MocError } from "../protocol/errors.ts";
import { FUNCTION_LIMITS } from "../protocol/limits.ts";
import { AdminArea } from "./admin-area.ts";
import { AdminGuard } from "./admin-guard.ts";
import type { FrontParts } from "./front-parts.ts";
import { HttpHandler } from "./http-handler.ts";
import { LOOPBACK, listenOn } from "./listeners.ts";
import { isPlainHttp, refuseMalformed, refusePlainHttp } from "./malformed.ts";
import { OwnHosts } from "./own-hosts.ts";
import { Sessions } from "./session.ts";
import { SIGN_IN_PATH } from "./sign-in.ts";
import { SignInCodes } from "./sign-in-codes.ts";
import { WebSocketHandler } from "./websocket-handler.ts";

/** Where to listen, and who may administer. */
export interface FrontOptions {
  /** Port of https; 0 picks one. */
  readonly port: number;
  /** Port of plain http beside it; absent: none, 0 picks one. */
  readonly httpPort?: number | undefined;
  /** Address to bind; absent: this machine only (127.0.0.1 and ::1). */
  readonly bind?: string | undefined;
  /** PEM texts. */
  readonly key: string;
  readonly cert: string;
  /** Names beside localhost under which the platform may be administered. */
  readonly hostNames?: readonly string[];
  readonly adminToken: string;
  readonly adminAuth?: "token" | "none";
  /** Show the stacks of guests to peers on this machine. */
  readonly trace?: boolean;
  /** Between two pings of a websocket, in ms. */
  readonly pingMs?: number;
  /** How long running calls may go on after `close`, in ms. */
  readonly graceMs?: number;
}

interface FrontAddress {
  readonly url: string;
  readonly port: number;
  readonly httpPort?: number;
}

/** The network side of the platform: https, http and websockets. */
export interface Front {
  /** @throws MOC_PORT_IN_USE, MOC_BAD_REQUEST (key and certificate are not a pair) */
  listen(): Promise<FrontAddress>;
  /** Takes no new requests, lets running ones end within the grace time, and frees the ports. */
  close(): Promise<void>;
  /** @throws TypeError before `listen` */
  readonly address: FrontAddress;
  /** Path and query of a link that signs one browser in, once, within two minutes. */
  mintSignInPath(): string;
}

const REACHED_BY_LOCALHOST = new Set(["localhost", "127.0.0.1", "::1", "0.0.0.0", "::"]);
const GRACE_MS = 500;
const PING_MS = 30_000;
const HEADERS_TIMEOUT_MS = 20_000;
/** Longer than usual clients keep an idle connection, so that it is they who let go of it. */
const KEEP_ALIVE_MS = 65_000;
const DRAIN_STEP_MS = 10;

/** The front of a platform; it does nothing before `listen`. */
export function createFront(options: FrontOptions, parts: FrontParts): Front {
  return new NetworkFront(options, parts);
}

class NetworkFront implements Front {
  readonly #options: FrontOptions;
  readonly #http: HttpHandler;
  readonly #websocket: WebSocketHandler;
  readonly #codes = new SignInCodes();
  readonly #servers: Server[] = [];
  /** Connections that have not become http yet, or are not http any more, are only here. */
  readonly #connections = new Set<Socket>();
  #address: FrontAddress | undefined;

  constructor(options: FrontOptions, parts: FrontParts) {
    this.#options = options;
    const token = options.adminToken;
    const sessions = new Sessions(token);
    const bound = this.#name === "localhost" ? [] : [this.#name];
    const hosts = new OwnHosts([...(options.hostNames ?? []), ...bound], () => ({
      https: this.#address?.port ?? options.port,
      http: this.#address?.httpPort,
    }));
    const guard = new AdminGuard({ hosts, sessions, token, auth: options.adminAuth ?? "token" });
    const admin = new AdminArea(guard, { codes: this.#codes, sessions, token });
    this.#http = new HttpHandler(parts, admin, { trace: options.trace ?? false });
    this.#websocket = new WebSocketHandler(parts, admin, {
      pingMs: options.pingMs ?? PING_MS,
    });
  }

  get address(): FrontAddress {
    if (!this.#address) throw new TypeError("The front does not listen yet.");
    return this.#address;
  }

  async listen(): Promise<FrontAddress> {
    const { port, httpPort, key, cert } = this.#options;
    checkCertificate(key, cert);
    const tls = { key, cert, ...TLS_OPTIONS };
    const https = await this.#open(port, () => createHttpsServer({ ...tls, ...HTTP_OPTIONS }));
    try {
      const http =
        httpPort === undefined
          ? undefined
          : await this.#open(httpPort, () => createHttpServer(HTTP_OPTIONS));
      const url = `https://${this.#name}:${https}`;
      this.#address = { url, port: https, ...(http !== undefined && { httpPort: http }) };
      return this.#address;
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const end = Date.now() + (this.#options.graceMs ?? GRACE_MS);
    const servers = this.#servers.splice(0);
    this.#http.drain();
    this.#websocket.close();
    while (this.#http.isFlushing && Date.now() < end) await sleep(DRAIN_STEP_MS);
    const closed = Promise.all(servers.map(closeServer));
    const grace = Math.max(0, end - Date.now());
    await Promise.race([closed, sleep(grace, undefined, { ref: false })]);
    for (const connection of this.#connections) connection.destroy();
    await closed;
  }

  /** By what clients on this machine reach it. */
  get #name(): string {
    const { bind } = this.#options;
    if (bind === undefined || REACHED_BY_LOCALHOST.has(bind)) return "localhost";
    return isIPv6(bind) ? `[${bind}]` : bind;
  }

  mintSignInPath(): string {
    return `${SIGN_IN_PATH}?code=${this.#codes.mint()}`;
  }

  async #open(port: number, create: () => Server): Promise<number> {
    const addresses = this.#options.bind === undefined ? LOOPBACK : [this.#options.bind];
    // Requests may come as soon as the first of them listens.
    const servers = addresses.map((address) => ({ server: this.#equip(create()), address }));
    const bound = await listenOn(servers, port);
    this.#servers.push(...servers.map(({ server }) => server));
    return bound;
  }

  #equip(server: Server): Server {
    server.headersTimeout = HEADERS_TIMEOUT_MS;
    // Bodies may take as long as they keep coming: see request-body.ts.
    server.requestTimeout = 0;
    server.keepAliveTimeout = KEEP_ALIVE_MS;
    // Bounded by their size already; a count would drop headers silently.
    server.maxHeadersCount = 0;
    server.on("connection", (connection: Socket) => {
      this.#connections.add(connection);
      connection.on("close", () => this.#connections.delete(connection));
    });
    server.on("request", (request, response) => void this.#http.serve(request, response));
    server.on("checkContinue", (request, response) => void this.#http.serve(request, response));
    server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      void this.#websocket.serve(request, socket, head);
    });
    server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => {
      refuseMalformed(error, socket);
    });
    server.on("tlsClientError", (error: NodeJS.ErrnoException, secure: TLSSocket) => {
      const connection = isPlainHttp(error) ? this.#below(secure) : undefined;
      if (connection?.writable) refusePlainHttp(connection);
    });
    return server;
  }

  /** The connection that a TLS socket was made on; Node tells of the two apart. */
  #below({ remoteAddress, remotePort }: TLSSocket): Socket | undefined {
    if (remotePort === undefined) return undefined;
    for (const one of this.#connections) {
      if (one.remotePort === remotePort && one.remoteAddress === remoteAddress) return one;
    }
    return undefined;
  }
}

/** Takes no more connections and closes the idle ones; resolves when the last one has ended. */
function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

const TLS_OPTIONS = {
  minVersion: "TLSv1.2",
  ALPNProtocols: ["http/1.1"],
  handshakeTimeout: HEADERS_TIMEOUT_MS,
} as const;

const HTTP_OPTIONS = {
  maxHeaderSize: FUNCTION_LIMITS.headersKiB.default * 1024,
  optimizeEmptyRequests: true,
  shouldUpgradeCallback: (request: IncomingMessage) =>
    request.headers.upgrade?.toLowerCase() === "websocket",
};

function checkCertificate(key: string, cert: string): void {
  try {
    createSecureContext({ key, cert });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `The certificate and key are not a pair in PEM form: ${reason}`;
    throw new MocError("MOC_BAD_REQUEST", message, { cause });
  }
}
