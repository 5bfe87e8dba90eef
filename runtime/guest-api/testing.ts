/** A call context for tests of engines: real buffers, and a host whose answers the test gives. */
import { MocError } from "../protocol/errors.ts";
import type { HostClient, HostOps } from "../protocol/host-ops.ts";
import { type FunctionLimits, resolveLimits } from "../protocol/limits.ts";
import type { Capability, LogLevel } from "../protocol/model.ts";
import { BufferTable } from "./buffer-table.ts";
import type { CallContext } from "./call-context.ts";
import { ByteBudget, MemoryBuffer } from "./memory-buffer.ts";
import { OutputBuffer } from "./output-buffer.ts";

export interface TestContextOptions {
  readonly input?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  readonly limits?: Partial<FunctionLimits>;
  readonly capabilities?: readonly Capability[];
  /** Answers of the host by operation; the rest is refused. A key-value store is built in. */
  readonly host?: { readonly [name in keyof HostOps]?: (...args: never[]) => unknown };
  readonly signal?: AbortSignal;
}

export interface TestContext extends CallContext {
  readonly logs: { level: LogLevel; text: string }[];
  outputText(): string;
  outputBytes(): Uint8Array;
  readonly gpuReports: unknown[];
}

const utf8 = new TextEncoder();
let calls = 0;

export function makeTestContext(options: TestContextOptions = {}): TestContext {
  const limits = resolveLimits(options.limits);
  const budget = new ByteBudget(limits.responseMiB * 2 ** 20);
  const buffers = new BufferTable(limits.buffers);
  const host = makeHost(options.host ?? {});
  const input = new MemoryBuffer(budget, JSON.stringify(options.headers ?? {}));
  const bytes = options.input ?? "";
  input.write(typeof bytes === "string" ? utf8.encode(bytes) : bytes);
  const output = new OutputBuffer({ host }, budget, false, new Map());
  const logs: TestContext["logs"] = [];
  const gpuReports: unknown[] = [];
  return {
    call: ++calls,
    functionName: "test",
    startFunction: "",
    buffers,
    input: buffers.add(input),
    output: buffers.add(output),
    budget,
    trace: false,
    limits,
    capabilities: new Set(options.capabilities),
    host,
    kv: { get: (key) => host.kvGet(key) },
    signal: options.signal ?? new AbortController().signal,
    log: (level, text) => logs.push({ level, text }),
    reportGpu: (report) => gpuReports.push(report),
    logs,
    gpuReports,
    outputBytes: () => output.read(),
    outputText: () => new TextDecoder().decode(output.read()),
  };
}

function makeHost(given: NonNullable<TestContextOptions["host"]>): HostClient {
  const store = new Map<string, Uint8Array>();
  const key = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");
  const builtIn: TestContextOptions["host"] = {
    kvGet: (bytes: Uint8Array) => store.get(key(bytes)),
    kvBatch: (...[puts, deletes]: Parameters<HostOps["kvBatch"]>) => {
      for (const put of puts) store.set(key(put.key), put.value);
      for (const one of deletes) store.delete(key(one));
    },
    kvList: (...[prefix, after, count]: Parameters<HostOps["kvList"]>) =>
      [...store]
        .filter(([one]) => one.startsWith(key(prefix)) && (!after || one > key(after)))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .slice(0, count)
        .map(([one, value]) => ({ key: new Uint8Array(Buffer.from(one, "latin1")), value })),
    sleep: (ms: number) => new Promise((resolve) => setTimeout(resolve, ms)),
  };
  const answers = { ...builtIn, ...given } as Record<string, (...args: unknown[]) => unknown>;
  const handler: ProxyHandler<object> = {
    get: (_, name) => {
      if (typeof name !== "string") return undefined;
      return async (...args: unknown[]) => {
        const answer = answers[name];
        if (!answer) throw new MocError("MOC_INTERNAL", `the test has no answer for ${name}`);
        return answer(...args);
      };
    },
  };
  return new Proxy({}, handler) as HostClient;
}
