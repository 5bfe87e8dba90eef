/**
 * A load generator in a process of its own: keep-alive connections, one request in flight on each,
 * raw sockets, so that it costs less than what it measures. Reads one Plan as JSON from argv.
 */
import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

export interface LoadPlan {
  readonly url: string;
  readonly connections: number;
  readonly durationMs: number;
  readonly warmupMs: number;
  /** PEM of the certificate to trust, for https. */
  readonly certificate?: string;
  readonly method?: string;
  readonly body?: string;
  /** Only this many requests a second over all connections. */
  readonly rate?: number;
}

export interface LoadResult {
  readonly requests: number;
  readonly perSecond: number;
  readonly failed: number;
  /** Answers by status. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

class Connection {
  readonly #socket: Socket;
  readonly #request: Buffer;
  readonly #answered: (latencyMs: number, status: number) => void;
  #sentAt = 0;
  #pending: Buffer = Buffer.alloc(0);

  constructor(
    plan: LoadPlan,
    request: Buffer,
    answered: (latencyMs: number, status: number) => void,
    lost: (reason: string) => void,
  ) {
    const url = new URL(plan.url);
    const port = Number(url.port);
    const ready = () => this.send();
    this.#request = request;
    this.#answered = answered;
    this.#socket =
      url.protocol === "https:"
        ? connectTls(
            { host: url.hostname, port, ca: plan.certificate, servername: "localhost" },
            ready,
          )
        : connectPlain({ host: url.hostname, port }, ready);
    this.#socket.setNoDelay(true);
    this.#socket.on("data", (bytes: Buffer) => this.#receive(bytes));
    this.#socket.on("error", (error) => lost(error.message));
    this.#socket.on("close", () => lost("closed"));
  }

  send(): void {
    this.#sentAt = performance.now();
    this.#socket.write(this.#request);
  }

  end(): void {
    this.#socket.removeAllListeners("close");
    this.#socket.destroy();
  }

  #receive(bytes: Buffer): void {
    const all = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    const end = answerEnd(all);
    if (end === undefined) {
      this.#pending = all;
      return;
    }
    this.#pending = all.subarray(end);
    this.#answered(performance.now() - this.#sentAt, Number(all.toString("latin1", 9, 12)));
  }
}

/** Offset behind a complete answer; undefined while bytes are missing. */
function answerEnd(bytes: Buffer): number | undefined {
  const head = bytes.indexOf("\r\n\r\n");
  if (head < 0) return undefined;
  const headers = bytes.toString("latin1", 0, head).toLowerCase();
  const at = headers.indexOf("\r\ncontent-length:");
  if (at >= 0) {
    const end = head + 4 + Number.parseInt(headers.slice(at + 17), 10);
    return bytes.length >= end ? end : undefined;
  }
  const last = bytes.indexOf("0\r\n\r\n", head + 2);
  return last < 0 ? undefined : last + 5;
}

function run(plan: LoadPlan): Promise<LoadResult> {
  const url = new URL(plan.url);
  const body = plan.body ?? "";
  const request = Buffer.from(
    `${plan.method ?? "GET"} ${url.pathname}${url.search} HTTP/1.1\r\nhost: localhost:${url.port}\r\n${body ? `content-length: ${Buffer.byteLength(body)}\r\n` : ""}\r\n${body}`,
  );
  const latencies: number[] = [];
  const statuses: Record<string, number> = {};
  let failed = 0;
  const startAt = performance.now() + plan.warmupMs;
  const endAt = startAt + plan.durationMs;
  return new Promise((resolve) => {
    const gapMs = plan.rate ? (1000 * plan.connections) / plan.rate : 0;
    const connections: Connection[] = [];
    const open = (slot: number) => {
      const connection: Connection = new Connection(
        plan,
        request,
        (latency, status) => {
          const now = performance.now();
          if (now >= startAt && now < endAt) {
            latencies.push(latency);
            statuses[status] = (statuses[status] ?? 0) + 1;
          }
          if (now >= endAt) return;
          if (gapMs > latency) setTimeout(() => connection.send(), gapMs - latency);
          else connection.send();
        },
        () => {
          if (performance.now() >= endAt) return;
          failed++;
          setTimeout(() => open(slot), 20);
        },
      );
      connections[slot] = connection;
    };
    for (let slot = 0; slot < plan.connections; slot++) open(slot);
    setTimeout(() => {
      for (const connection of connections) connection.end();
      latencies.sort((a, b) => a - b);
      const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? 0;
      resolve({
        requests: latencies.length,
        perSecond: latencies.length / (plan.durationMs / 1000),
        failed,
        statuses,
        p50Ms: at(0.5),
        p95Ms: at(0.95),
        p99Ms: at(0.99),
        maxMs: latencies.at(-1) ?? 0,
      });
    }, plan.warmupMs + plan.durationMs);
  });
}

if (import.meta.main) {
  const plan: LoadPlan = JSON.parse(process.argv[2] ?? "");
  console.log(JSON.stringify(await run(plan)));
}
