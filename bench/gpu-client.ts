/** Sends requests to shader functions, one after the other, when told how many; see GpuRounds. */
import { Agent as PlainAgent, request as plainRequest } from "node:http";
import { Agent, request } from "node:https";
import type { ClientPlan, GpuRound, GpuRounds } from "./gpu-work.ts";

const plan: ClientPlan = JSON.parse(process.argv[2] ?? "");
const { certificate: ca } = plan;
const agent = ca ? new Agent({ keepAlive: true, ca }) : new PlainAgent({ keepAlive: true });
const floats = (count: number) => new Uint8Array(new Float32Array(count).fill(3).buffer);

const WORK = {
  small: { method: "POST", path: "/gpu-compute", body: floats(plan.smallCount) },
  squares: { method: "POST", path: "/gpu-compute", body: floats(plan.largeCount) },
  mandelbrot: {
    method: "GET",
    path: `/mandelbrot-wgsl?width=${plan.side}&height=${plan.side}`,
    body: floats(0),
  },
} as const;

function send({ method, path, body }: (typeof WORK)[GpuRounds["kind"]]): Promise<GpuRound> {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const options = { method, agent, headers: { "content-length": body.length } };
    const outgoing = (ca ? request : plainRequest)(plan.base + path, options, (answer) => {
      const timing = String(answer.headers["server-timing"] ?? "");
      answer.on("data", () => {});
      answer.on("error", reject);
      answer.on("end", () => {
        if (answer.statusCode !== 200) return reject(new Error(`status ${answer.statusCode}`));
        const dispatch = Number(/dispatch;dur=([\d.]+)/.exec(timing)?.[1]);
        resolve({ total: performance.now() - start, dispatch });
      });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

process.on("message", async ({ kind, rounds }: GpuRounds) => {
  const times: GpuRound[] = [];
  for (let round = 0; round < rounds; round++) times.push(await send(WORK[kind]));
  process.send?.(times);
});
