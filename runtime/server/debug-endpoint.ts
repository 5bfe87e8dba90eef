import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { sameSecret } from "./same-secret.ts";

/** Time for the first client to come, and for the next one after it has gone. */
const WAIT_MS = 30_000;
const RETURN_MS = 5000;
/** Debuggers send expressions and positions; nothing of theirs is large. */
const MESSAGE_BYTES_MAX = 16 * 2 ** 20;

/** What is debugged, as one client sees it. */
interface DebugPeer {
  send(text: string): void;
  close(): void;
}

interface DebugEndpointOptions {
  /** A client is here: connects it with what it debugs. */
  connect(client: DebugPeer): Promise<DebugPeer>;
  /** No client came, or none came back. */
  onAbandoned(): void;
  onDefect(error: unknown): void;
  /** Default: 30 s to come, 5 s to come back. */
  readonly waitMs?: { readonly first: number; readonly return: number };
}

/** A port that one debugger may connect to. */
export interface DebugEndpoint {
  readonly url: string;
  /** Whether a debugger is connected. */
  readonly isAttached: boolean;
  close(): Promise<void>;
}

/**
 * Opens a port on the loopback interface where one client at a time, who knows the random path, can
 * debug something.
 */
export async function openDebugEndpoint(options: DebugEndpointOptions): Promise<DebugEndpoint> {
  const secret = randomBytes(24).toString("hex");
  const { first, return: back } = options.waitMs ?? { first: WAIT_MS, return: RETURN_MS };
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MESSAGE_BYTES_MAX });
  const server = createServer((_, response) => response.writeHead(404).end());
  let timer = setTimeout(options.onAbandoned, first);
  server.on("upgrade", (request: IncomingMessage, socket, head) => {
    if (!mayEnter(request, secret) || sockets.clients.size > 0) {
      socket.end("HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n");
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      clearTimeout(timer);
      client.once("close", () => {
        timer = setTimeout(options.onAbandoned, back);
      });
      serve(client, options).catch((error: unknown) => {
        options.onDefect(error);
        client.close(1011);
      });
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `ws://127.0.0.1:${port}/${secret}`,
    get isAttached() {
      return sockets.clients.size > 0;
    },
    async close() {
      for (const client of sockets.clients) client.terminate();
      server.closeAllConnections();
      const closed = once(server, "close");
      server.close();
      await closed;
      clearTimeout(timer);
    },
  };
}

/** Pages of a browser can reach loopback ports too: they say where they come from. */
function mayEnter({ url = "", headers }: IncomingMessage, secret: string): boolean {
  const host = headers.host?.replace(/:\d+$/, "");
  const isLocal = host === "127.0.0.1" || host === "localhost";
  return isLocal && headers.origin === undefined && sameSecret(url.slice(1), secret);
}

async function serve(client: WebSocket, options: DebugEndpointOptions): Promise<void> {
  // What comes before it is connected is said then.
  const waiting: string[] = [];
  let peer: DebugPeer | undefined;
  client.on("message", (data) => {
    try {
      if (peer) peer.send(String(data));
      else waiting.push(String(data));
    } catch (error) {
      // No message of the protocol.
      options.onDefect(error);
      client.close(1007);
    }
  });
  client.on("error", () => client.terminate());
  const connected = await options.connect({
    send: (text) => client.send(text),
    close: () => client.close(1001),
  });
  if (client.readyState !== client.OPEN) {
    connected.close();
    return;
  }
  client.once("close", () => connected.close());
  for (const text of waiting) connected.send(text);
  peer = connected;
}
