interface Limit {
  readonly unit: "MiB" | "KiB" | "ms" | "count";
  readonly default: number;
  /** The highest value a function may ask for, unless the operator raises it. */
  readonly ceiling: number;
  readonly meaning: string;
}

const limit = (
  unit: Limit["unit"],
  byDefault: number,
  ceiling: number,
  meaning: string,
): Limit => ({ unit, default: byDefault, ceiling, meaning });

/** Limits of one function; `moc.json` may set each within the operator's ceiling. */
export const FUNCTION_LIMITS = {
  memoryMiB: limit("MiB", 128, 2048, "linear memory of one instance, and of the bytes held for it"),
  timeoutMs: limit(
    "ms",
    30_000,
    3_600_000,
    "wall time of one call; a websocket call lasts as long as its socket",
  ),
  cpuMs: limit("ms", 10_000, 600_000, "time the guest may compute without giving way"),
  stackKiB: limit("KiB", 256, 4096, "stack of JavaScript guests"),
  callDepth: limit("count", 16, 64, "nesting of calls between functions"),
  subCalls: limit("count", 1000, 1_000_000, "calls to functions made by one call"),
  buffers: limit("count", 256, 65_536, "exchange buffers open at once in one call"),
  requestMiB: limit("MiB", 64, 4096, "request body"),
  responseMiB: limit("MiB", 64, 4096, "response body held in memory"),
  headersKiB: limit(
    "KiB",
    64,
    1024,
    "headers of a request (64 KiB at most) or of an answer, together",
  ),
  logKiB: limit("KiB", 256, 65_536, "log text of one call; the rest is dropped"),
  concurrency: limit("count", 1000, 100_000, "calls of the function running at once"),
  queue: limit("count", 10_000, 1_000_000, "calls waiting for the function"),
} as const satisfies Record<string, Limit>;

/** Key of `limits` in moc.json. */
export type LimitName = keyof typeof FUNCTION_LIMITS;
/** A value for every limit, in its unit. */
export type FunctionLimits = { readonly [name in LimitName]: number };

/** The function's wishes, cut to the ceilings, over the defaults. */
export function resolveLimits(
  wished: Partial<FunctionLimits> = {},
  ceilings: Partial<FunctionLimits> = {},
): FunctionLimits {
  const resolved: Record<string, number> = {};
  for (const [name, one] of Object.entries(FUNCTION_LIMITS) as [LimitName, Limit][]) {
    resolved[name] = Math.min(wished[name] ?? one.default, ceilings[name] ?? one.ceiling);
  }
  return resolved as FunctionLimits;
}

/** Limits of the platform itself. */
export const PLATFORM_LIMITS = {
  keyBytes: { unit: "bytes", value: 4096, meaning: "key of the key-value store" },
  valueBytes: { unit: "bytes", value: 32 * 1024 * 1024, meaning: "value of the key-value store" },
  listBytes: {
    unit: "bytes",
    value: 256 * 1024 * 1024,
    meaning: "keys and values of one page of the key-value store",
  },
  batchEntries: { unit: "count", value: 100_000, meaning: "entries written in one batch" },
  batchBytes: {
    unit: "bytes",
    value: 128 * 1024 * 1024,
    meaning: "keys and values written in one batch",
  },
  blobBytes: { unit: "bytes", value: 256 * 1024 * 1024, meaning: "one blob" },
  settingsBytes: {
    unit: "bytes",
    value: 256 * 1024,
    meaning: "settings of one function, its environment included",
  },
  patternLength: { unit: "characters", value: 2048, meaning: "path pattern of a plug" },
  patternSegments: { unit: "count", value: 64, meaning: "segments of a path pattern" },
  listPage: { unit: "count", value: 1000, meaning: "entries of one page of a list" },
  nameLength: { unit: "characters", value: 256, meaning: "name of a blob or function" },
  historyPerName: { unit: "count", value: 100, meaning: "versions kept for one name" },
  unusedBlobMs: {
    unit: "ms",
    value: 3_600_000,
    meaning: "since a blob was stored or asked for, before it may go when nothing refers to it",
  },
  callReports: { unit: "count", value: 2000, meaning: "call reports kept in memory" },
  callReportsPerSecond: {
    unit: "count",
    value: 1000,
    meaning: "calls a second whose reports are kept, and as many that fail; all are counted",
  },
  exchangeBodyBytes: {
    unit: "bytes",
    value: 16 * 1024,
    meaning: "what is kept in memory of each body of a recent call",
  },
  exchangeBytes: {
    unit: "bytes",
    value: 16 * 1024 * 1024,
    meaning: "headers and bodies of recent calls kept in memory",
  },
  logLines: { unit: "count", value: 20_000, meaning: "log lines kept in memory" },
  logLineBytes: { unit: "bytes", value: 8192, meaning: "one log line; the rest is cut" },
  eventQueue: { unit: "count", value: 5000, meaning: "events waiting for one slow subscriber" },
  inlineBodyBytes: { unit: "bytes", value: 256 * 1024, meaning: "body that travels with its call" },
  callInputBytes: {
    unit: "bytes",
    value: 1024 * 1024 * 1024,
    meaning: "input of a call that is asked for by function/call",
  },
  bodyIdleMs: { unit: "ms", value: 60_000, meaning: "wait for the next bytes of a request body" },
  answerStallMs: {
    unit: "ms",
    value: 60_000,
    meaning: "wait for a client that takes nothing of a long answer",
  },
  linkedModules: {
    unit: "count",
    value: 64,
    meaning: "WebAssembly modules linked with each other",
  },
  descriptors: { unit: "count", value: 1024, meaning: "files open at once in one WASI call" },
  timers: { unit: "count", value: 10_000, meaning: "timers that one JavaScript call waits for" },
  shaderPasses: {
    unit: "count",
    value: 1000,
    meaning: "dispatches of one call of a shader, repetitions included",
  },
  topicLength: { unit: "characters", value: 256, meaning: "name of a topic" },
  topicQueueBytes: {
    unit: "bytes",
    value: 16 * 1024 * 1024,
    meaning: "messages waiting for the slow subscriptions of one call",
  },
  topicBytes: {
    unit: "bytes",
    value: 256 * 1024 * 1024,
    meaning: "messages waiting for the subscriptions of all calls together",
  },
  topicQueue: {
    unit: "count",
    value: 5000,
    meaning: "messages waiting for one slow subscriber of topics",
  },
  tokenLength: { unit: "characters", value: 64 * 1024, meaning: "a JSON Web Token" },
  redirects: { unit: "count", value: 10, meaning: "redirects followed by an outgoing request" },
  websocketMessageBytes: { unit: "bytes", value: 16 * 1024 * 1024, meaning: "one message" },
} as const;
