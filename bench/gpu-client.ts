/**
 * Sends requests to shader functions, one after the other, when told how many; see GpuRounds. Speaks
 * http over a raw socket into memory of its own, so that it costs little beside what it measures, and
 * compares what came back.
 */
import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { ClientPlan, GpuRound, GpuRounds } from "./gpu-work.ts";

const plan: ClientPlan = JSON.parse(process.argv[2] ?? "");
const { hostname, port, host } = new URL(plan.base);
const READ_BYTES = 256 * 1024;
const HEAD_END = "\r\n\r\n";

interface Work {
  readonly target: string;
  readonly body: Uint8Array;
  check(answer: Buffer): boolean;
}

const squares = (count: number): Work => ({
  target: "POST /gpu-compute",
  body: new Uint8Array(new Float32Array(count).fill(3).buffer),
  check: (answer) =>
    answer.length === count * Float32Array.BYTES_PER_ELEMENT &&
    new Float32Array(new Uint8Array(answer).buffer).every((one) => one === 9),
});

const WORK: Readonly<Record<GpuRounds["kind"], Work>> = {
  small: squares(plan.smallCount),
  squares: squares(plan.largeCount),
  mandelbrot: {
    target: `GET /mandelbrot-wgsl?width=${plan.side}&height=${plan.side}`,
    body: new Uint8Array(),
    // The header of a PNG has its size (11.2.2).
    check: (answer) =>
      answer.readUInt32BE(16) === plan.side && answer.readUInt32BE(20) === plan.side,
  },
};

/** An answer as it comes. */
class Answer {
  head = "";
  body = Buffer.alloc(0);
  #filled = 0;

  /** @returns whether it is whole */
  take(bytes: Uint8Array): boolean {
    let rest = bytes;
    if (!this.head.endsWith(HEAD_END)) {
      const text = this.head + Buffer.from(bytes).toString("latin1");
      const end = text.indexOf(HEAD_END);
      if (end < 0) {
        this.head = text;
        return false;
      }
      rest = bytes.subarray(end + HEAD_END.length - this.head.length);
      this.head = text.slice(0, end + HEAD_END.length);
      this.body = Buffer.allocUnsafeSlow(Number(this.header("content-length")));
    }
    this.body.set(rest, this.#filled);
    this.#filled += rest.length;
    return this.#filled === this.body.length;
  }

  header(name: string): string {
    return new RegExp(`^${name}: (.*)\r$`, "im").exec(this.head)?.[1] ?? "";
  }
}

let answer = new Answer();
let answered: (answer: Answer) => void = () => {};

function take(bytes: Uint8Array): void {
  if (!answer.take(bytes)) return;
  const whole = answer;
  answer = new Answer();
  answered(whole);
}

function connect(): Socket {
  const { certificate: ca } = plan;
  const to = { host: hostname, port: Number(port) };
  if (ca) return connectTls({ ...to, ca, servername: "localhost" }).on("data", take);
  const onread = {
    buffer: new Uint8Array(READ_BYTES),
    callback(length: number, buffer: Uint8Array) {
      take(buffer.subarray(0, length));
      return true;
    },
  };
  return connectPlain({ ...to, onread });
}

const socket = connect().setNoDelay(true);
socket.on("error", (error) => {
  throw error;
});

async function send({ target, body, check }: Work): Promise<GpuRound> {
  const whole = new Promise<Answer>((resolve) => {
    answered = resolve;
  });
  const start = performance.now();
  socket.cork();
  socket.write(
    `${target} HTTP/1.1\r\nhost: ${host}\r\ncontent-length: ${body.length}${HEAD_END}`,
    "latin1",
  );
  if (body.length > 0) socket.write(body);
  socket.uncork();
  const came = await whole;
  const total = performance.now() - start;
  if (!came.head.startsWith("HTTP/1.1 200 ")) throw new Error(came.head);
  if (!check(came.body)) throw new Error(`${target}: a wrong answer`);
  const dispatch = Number(/dispatch;dur=([\d.]+)/.exec(came.header("server-timing"))?.[1]);
  return { total, dispatch };
}

process.on("message", async ({ kind, rounds }: GpuRounds) => {
  const times: GpuRound[] = [];
  for (let round = 0; round < rounds; round++) times.push(await send(WORK[kind]));
  process.send?.(times);
});
