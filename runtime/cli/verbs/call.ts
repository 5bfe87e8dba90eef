import { withClient } from "../target.ts";
import { defineVerb, TARGET_OPTIONS, UsageError } from "../verb.ts";

const MODES: readonly string[] = ["direct", "posix", "cgi"];

export const verb = defineVerb({
  name: "call",
  usage: "FUNCTION [ARGUMENT …]",
  summary: "Call a function by name; prints the answer as JSON, the output in base64.",
  details: [
    "In mode direct the arguments are integers, in mode posix they are the program's own.",
    'Exit code 1 when the call failed. "moc invoke" calls by URL, as a browser would.',
  ],
  examples: [
    "moc call api-demo-c 264 55",
    'moc call uppercase -mode posix -input "shout this"',
    "moc call ls -mode posix -- -l /",
  ],
  operands: { min: 1, max: Number.POSITIVE_INFINITY },
  options: {
    ...TARGET_OPTIONS,
    mode: { kind: "value", value: "MODE", doc: "direct, posix or cgi; default: as deployed" },
    input: { kind: "value", value: "TEXT", doc: 'input of the call; "-": what stdin holds' },
    startFunction: { kind: "value", value: "NAME", doc: "default: the function's own" },
    wasiFileName: { kind: "value", value: "NAME", doc: "argv[0] in mode posix; default: the name" },
    timeout: { kind: "value", value: "MS", doc: "deadline of the call in ms" },
    raw: { kind: "flag", doc: "print the output itself instead of JSON" },
  },
  async run({ operands: [name = "", ...args], options, terminal }) {
    const mode = options.mode?.toLowerCase();
    if (mode !== undefined && !MODES.includes(mode)) {
      throw new UsageError(`--mode must be one of ${MODES.join(", ")}, not "${mode}"`);
    }
    const input = options.input === "-" ? await readStdin() : (options.input ?? "");
    const posix = mode === "posix" || mode === "cgi";
    const body = {
      name,
      input: Buffer.from(input).toString("base64"),
      ...(mode !== undefined && { mode }),
      ...(options.startFunction !== undefined && { start_function: options.startFunction }),
      ...(options.timeout !== undefined && { timeout_ms: milliseconds(options.timeout) }),
      ...(posix
        ? { posix_file_name: options.wasiFileName ?? name, posix_arguments: args }
        : { arguments: args.map(integer) }),
    };
    return withClient(options, async (client) => {
      const { bytes } = await client.bytes("callFunction", { body });
      if (options.raw) {
        const { output } = JSON.parse(new TextDecoder().decode(bytes)) as { output: string };
        terminal.bytes(Buffer.from(output, "base64"));
      } else {
        terminal.line(new TextDecoder().decode(bytes).trimEnd());
      }
      return 0;
    });
  },
});

function integer(text: string): number {
  const value = Number(text);
  if (!/^[+-]?(\d+|0x[\da-f]+)$/i.test(text) || !Number.isSafeInteger(value)) {
    throw new UsageError(`"${text}" is no integer: in mode direct the arguments are integers`);
  }
  return value;
}

function milliseconds(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new UsageError("--timeout must be a number of ms");
  return value;
}

async function readStdin(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
