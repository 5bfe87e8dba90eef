/** Ten thousand guests that wait on outgoing http at once. */
import { readFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { compileGuest } from "./guests.ts";
import { deploy, startInstance } from "./instance.ts";
import { residentBytes } from "./peers.ts";
import type { Report } from "./report.ts";

/** Requests on one connection, sent without waiting: files of a process are fewer than guests may be. */
const PIPELINED = 4;
/** Each takes a file of the runtime for what it waits for, and a part of one for its request. */
const GUESTS = Math.min(10_000, Math.floor((filesMax() - 1000) / (1 + 1 / PIPELINED)));
const BATCH = 500;

/** Asks for the URL that is its plug's data, and answers with what comes. */
const WAITER = `
  #include <stdint.h>
  #define IMPORT(name) __attribute__((import_module("core"), import_name(name)))
  IMPORT("get_url") int get_url(const void *, int);
  IMPORT("read_exchange_buffer") int read(int, void *, int);
  IMPORT("write_exchange_buffer") int write(int, const void *, int);
  IMPORT("get_output_buffer_id") int output(void);
  static char answer[64];
  __attribute__((export_name("wait"))) int wait(void) {
    static const char url[] = "URL";
    int id = get_url(url, sizeof url - 1);
    if (id == 0xffff) return 502;
    write(output(), answer, read(id, answer, sizeof answer));
    return 200;
  }`;

export async function measureWaiting(report: Report): Promise<void> {
  const held: ServerResponse[] = [];
  const target = createServer({ keepAlive: false }, (_, response) => held.push(response));
  target.maxConnections = GUESTS + 1000;
  await new Promise<void>((resolve) =>
    target.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, resolve),
  );
  const address = target.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const instance = await startInstance(["--allow-outbound", `127.0.0.1:${port}`]);
  await deploy(instance.client, {
    name: "waiter",
    contentType: "application/wasm",
    code: await compileGuest(WAITER.replace("URL", `http://127.0.0.1:${port}/`)),
    settings: { start: "wait", limits: { timeoutMs: 300_000, concurrency: GUESTS } },
  });
  const answers: Promise<number>[] = [];
  for (let sent = 0; sent < GUESTS; sent += BATCH) {
    for (let i = 0; i < BATCH; i += PIPELINED)
      answers.push(askTogether(`${instance.http}/waiter`, PIPELINED));
    while (held.length < sent + BATCH * 0.9)
      await new Promise((resolve) => setTimeout(resolve, 10));
  }
  while (held.length < GUESTS) await new Promise((resolve) => setTimeout(resolve, 20));
  const resident = await residentBytes(instance.pid);
  for (const response of held) response.end("done");
  const answered = (await Promise.all(answers)).reduce((sum, one) => sum + one, 0);
  report.add({
    group: "waiting",
    name: `${GUESTS.toLocaleString("en")} guests waiting on http: answered`,
    value: answered,
    unit: "count",
    target: { sense: "at least", limit: GUESTS, of: "all" },
  });
  report.add({
    group: "waiting",
    name: "resident memory meanwhile",
    value: resident / 2 ** 20,
    unit: "MiB",
    target: { sense: "at most", limit: 1024, of: "issue" },
  });
  target.closeAllConnections();
  target.close();
  await instance.stop();
}

/** Asks many times on one connection (RFC 9112, 9.3.2). How many answers were right. */
async function askTogether(url: string, times: number): Promise<number> {
  const { hostname, port, host, pathname } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  for (let left = times; left > 0; left--) {
    const connection = left === 1 ? "close" : "keep-alive";
    socket.write(`GET ${pathname} HTTP/1.1\r\nhost: ${host}\r\nconnection: ${connection}\r\n\r\n`);
  }
  const text = Buffer.concat(await socket.toArray()).toString("latin1");
  return text.match(/HTTP\/1\.1 200 (?:.+\r\n)+\r\n(?:4\r\n)?done/g)?.length ?? 0;
}

/** Files that a process may have open here (Linux); many elsewhere. */
function filesMax(): number {
  try {
    const limits = readFileSync("/proc/self/limits", "utf8");
    return Number(/^Max open files\s+\d+\s+(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
