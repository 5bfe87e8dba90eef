/** Ten thousand guests that wait on outgoing http at once. */
import { createServer, type ServerResponse } from "node:http";
import { deploy, startInstance } from "./instance.ts";
import { residentBytes } from "./peers.ts";
import type { Report } from "./report.ts";

const GUESTS = 10_000;
const BATCH = 500;

const WAITER = `export default { async fetch(request, env) {
  const response = await fetch(env.vars.TARGET);
  return new Response(await response.text());
} };`;

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
    contentType: "text/javascript",
    code: WAITER,
    settings: {
      env: { TARGET: `http://127.0.0.1:${port}/` },
      limits: { timeoutMs: 300_000, concurrency: GUESTS, memoryMiB: 16 },
    },
  });
  const answers: Promise<number>[] = [];
  for (let sent = 0; sent < GUESTS; sent += BATCH) {
    for (let i = 0; i < BATCH; i++)
      answers.push(
        fetch(`${instance.http}/waiter`).then(async (answer) =>
          (await answer.text()) === "done" ? 1 : 0,
        ),
      );
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
