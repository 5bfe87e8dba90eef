/** Sends one request after the other to a shader function; see ClientPlan. Prints a ClientResult. */
import { Agent, request } from "node:https";
import type { ClientPlan, ClientResult } from "./gpu-work.ts";

const plan: ClientPlan = JSON.parse(process.argv[2] ?? "");
const agent = new Agent({ keepAlive: true, ca: plan.certificate });
const body = new Uint8Array(new Float32Array(plan.floats).fill(3).buffer);

interface Answer {
  readonly ms: number;
  readonly dispatch: number;
}

function send(): Promise<Answer> {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const outgoing = request(
      plan.url,
      { method: plan.method, agent, headers: { "content-length": body.length } },
      (answer) => {
        const timing = String(answer.headers["server-timing"] ?? "");
        answer.on("data", () => {});
        answer.on("error", reject);
        answer.on("end", () => {
          if (answer.statusCode !== 200) return reject(new Error(`status ${answer.statusCode}`));
          const dispatch = Number(/dispatch;dur=([\d.]+)/.exec(timing)?.[1]);
          resolve({ ms: performance.now() - start, dispatch });
        });
      },
    );
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

await send();
const answers: Answer[] = [];
for (let round = 0; round < plan.rounds; round++) answers.push(await send());
const result: ClientResult = {
  total: median(answers.map((one) => one.ms)),
  dispatch: median(answers.map((one) => one.dispatch)),
};
agent.destroy();
console.log(JSON.stringify(result));
