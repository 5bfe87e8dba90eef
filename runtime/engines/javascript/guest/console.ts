import { host } from "./host.ts";
import { format, inspect } from "./inspect.ts";
import { OP } from "./ops.ts";

const DEBUG = 0;
const INFO = 1;
const WARN = 2;
const ERROR = 3;

let indent = "";
const counts = new Map<string, number>();
const timers = new Map<string, number>();

function write(level: number, args: readonly unknown[]): void {
  const [only] = args;
  const text = args.length === 1 && typeof only === "string" ? only : format(args);
  host(OP.LOG, level, indent === "" ? text : indent + text.replaceAll("\n", `\n${indent}`));
}

const now = () => host(OP.NOW) as number;

/** @see https://console.spec.whatwg.org/ */
export const console = {
  debug: (...args: unknown[]) => write(DEBUG, args),
  log: (...args: unknown[]) => write(INFO, args),
  info: (...args: unknown[]) => write(INFO, args),
  warn: (...args: unknown[]) => write(WARN, args),
  error: (...args: unknown[]) => write(ERROR, args),
  trace: (...args: unknown[]) => write(DEBUG, [`Trace: ${format(args)}\n${new Error().stack}`]),
  dir: (value: unknown, options?: { readonly depth?: number | null }) =>
    write(INFO, [inspect(value, options?.depth ?? (options?.depth === null ? 100 : undefined))]),
  dirxml: (...args: unknown[]) => write(INFO, args),
  table: (value: unknown) => write(INFO, [inspect(value)]),
  assert(condition: unknown, ...args: unknown[]) {
    if (condition) return;
    const [first, ...rest] = args;
    if (typeof first === "string") write(ERROR, [`Assertion failed: ${first}`, ...rest]);
    else write(ERROR, ["Assertion failed", ...args]);
  },
  count(label: unknown = "default") {
    const name = String(label);
    counts.set(name, (counts.get(name) ?? 0) + 1);
    write(INFO, [`${name}: ${counts.get(name)}`]);
  },
  countReset(label: unknown = "default") {
    counts.delete(String(label));
  },
  group(...args: unknown[]) {
    if (args.length > 0) write(INFO, args);
    indent += "  ";
  },
  groupCollapsed: (...args: unknown[]) => console.group(...args),
  groupEnd() {
    indent = indent.slice(2);
  },
  time(label: unknown = "default") {
    timers.set(String(label), now());
  },
  timeLog: (label: unknown = "default", ...args: unknown[]) => elapsed(String(label), args),
  timeEnd(label: unknown = "default") {
    elapsed(String(label), []);
    timers.delete(String(label));
  },
  clear() {},
};

function elapsed(label: string, args: readonly unknown[]): void {
  const start = timers.get(label);
  if (start === undefined) write(WARN, [`there is no timer '${label}'`]);
  else write(INFO, [`${label}: ${(now() - start).toFixed(3)}ms`, ...args]);
}
