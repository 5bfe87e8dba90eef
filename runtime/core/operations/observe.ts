import { MocError } from "../../protocol/errors.ts";
import {
  type GpuState,
  SHADER_CONTENT_TYPES,
  type ShaderCheck,
  type ShaderCheckRequest,
} from "../../protocol/gpu.ts";
import type { CallExchange } from "../../protocol/model.ts";
import type { ExecutorStatus, Status, StoreState } from "../../protocol/rest.ts";
import type { CallLog } from "../call-log.ts";
import { type EventKind, eventStream, isEventKind } from "../events.ts";
import type { Exchanges } from "../exchanges.ts";
import { isLogLevel, LOG_LEVELS, type Logs } from "../logs.ts";
import { memoryUsage } from "../memory-usage.ts";
import { prometheusText } from "../metrics.ts";
import type { PlatformState } from "../platform-state.ts";
import type { Stats } from "../stats.ts";
import { type Arguments, type Operations, pageLimit, readableStream } from "./operation.ts";

/** Longer texts than this were not written by people, nor read by them. */
const SHADER_CHARACTERS_MAX = 2 ** 20;

/** What only the running process knows. */
export interface RuntimeFacts {
  readonly version: string;
  /** Where it listens, such as `https://localhost:8443`; known when the front has started. */
  url(): string;
  readonly dataFolder: string;
  /** Unix time in ms. */
  readonly startedAt: number;
  executors(): readonly ExecutorStatus[];
  /** What runs shaders, or why nothing does. */
  gpu(): Promise<unknown>;
  gpuState(): GpuState;
  store(): StoreState;
  /** What is wrong with a shader that is to be deployed. */
  checkShader(request: ShaderCheckRequest): Promise<ShaderCheck>;
  /** Path of a link that signs a browser in, once. */
  signInPath(): string;
  /** Begins to stop; the answer of the present request still goes out. */
  stop(): void;
}

/** What can be looked at. */
export interface ObserveParts {
  readonly state: PlatformState;
  readonly stats: Stats;
  readonly logs: Logs;
  readonly callLog: CallLog;
  /** Absent: the operator wants none kept. */
  readonly exchanges: Exchanges | undefined;
  readonly facts: RuntimeFacts;
}

/** Status, calls, logs, events, metrics. */
export function observeOperations(parts: ObserveParts): Operations {
  const { state, logs, callLog, facts } = parts;
  return {
    status: () => ({ json: statusOf(parts) }),
    calls: (argument) => ({
      json: {
        status: true,
        calls: callLog.list({
          function: argument.optionalString("function") || undefined,
          errors: argument.flag("errors"),
          before: argument.optionalInteger("before", 1),
          limit: pageLimit(argument, 100),
        }),
      },
    }),
    call: (argument) => {
      const id = callID(argument);
      const call = callLog.get(id);
      if (!call) {
        throw new MocError(
          "MOC_NOT_FOUND",
          `there is no report of call ${id}: it still runs, never was, or is too long ago`,
        );
      }
      const lines = logs.list({ call: id, limit: 1000 });
      return { json: { status: true, call, children: callLog.children(id), logs: lines } };
    },
    callExchange: (argument) => ({
      json: { status: true, exchange: exchangeOf(parts, callID(argument)) },
    }),
    logs: (argument) => ({
      json: {
        status: true,
        lines: logs.list({
          function: argument.optionalString("function") || undefined,
          level: levelOf(argument),
          after: argument.optionalInteger("after", 0),
          call: argument.optionalInteger("call", 1),
          limit: pageLimit(argument, 200),
        }),
      },
    }),
    events: (argument) => ({
      stream: eventStream(
        state.events.subscribe({
          kinds: kindsOf(argument),
          function: argument.optionalString("function") || undefined,
        }),
      ),
    }),
    metrics: () => ({
      stream: readableStream(
        Buffer.from(
          prometheusText({
            state,
            stats: parts.stats,
            startedAt: facts.startedAt,
            executors: () => facts.executors(),
            store: () => facts.store(),
          }),
        ),
      ),
    }),
    gpu: async () => ({ json: { status: true, gpu: await facts.gpu() } }),
    checkShader: async (argument) => ({
      json: { status: true, ...(await facts.checkShader(shaderOf(argument))) },
    }),
  };
}

function exchangeOf({ exchanges }: ObserveParts, id: number): CallExchange {
  if (!exchanges) {
    throw new MocError(
      "MOC_NOT_FOUND",
      "the runtime keeps no headers and bodies: it was started with --exchanges off",
    );
  }
  const exchange = exchanges.get(id);
  if (exchange) return exchange;
  throw new MocError(
    "MOC_NOT_FOUND",
    `headers and bodies of call ${id} are not kept: it still runs, is too long ago, or is of a kind that has none`,
  );
}

function statusOf({ state, stats, facts }: ObserveParts): Status {
  const memory = memoryUsage();
  return {
    status: true,
    version: facts.version,
    pid: process.pid,
    url: facts.url(),
    dataFolder: facts.dataFolder,
    startedAt: facts.startedAt,
    uptimeMs: Date.now() - facts.startedAt,
    node: process.version,
    memory: { rssBytes: memory.rss, heapBytes: memory.heapUsed },
    executors: facts.executors(),
    gpu: facts.gpuState(),
    store: facts.store(),
    counters: {
      ...stats.counters,
      blobs: state.blobs.count,
      names: state.names.count,
      plugs: state.plugs.count,
      filters: state.filters.list().length,
    },
    samples: stats.samples,
  };
}

function shaderOf(argument: Arguments): ShaderCheckRequest {
  const contentType = argument.text("content_type");
  const language = SHADER_CONTENT_TYPES[contentType];
  const known = Object.keys(SHADER_CONTENT_TYPES).join(", ");
  if (!language)
    throw new MocError("MOC_BAD_REQUEST", `field content_type must be one of ${known}`);
  const text = argument.string("source");
  if (text.length > SHADER_CHARACTERS_MAX) {
    throw new MocError("MOC_TOO_LARGE", `a shader has at most ${SHADER_CHARACTERS_MAX} characters`);
  }
  const starts = argument.raw("starts") ?? [];
  if (!Array.isArray(starts) || !starts.every((one) => typeof one === "string")) {
    throw new MocError("MOC_BAD_REQUEST", "field starts must be a list of texts");
  }
  return {
    source: { name: argument.optionalString("name") || `shader.${language}`, language, text },
    declaration: argument.raw("declaration"),
    starts,
  };
}

function callID(argument: Arguments): number {
  const id = argument.raw("id");
  if (typeof id !== "string") return argument.integer("id", 1);
  if (/^[1-9]\d{0,9}$/.test(id)) return Number(id);
  throw new MocError("MOC_BAD_REQUEST", "field id must be the number of a call");
}

function levelOf(argument: Arguments) {
  const level = argument.optionalString("level");
  if (!level) return undefined;
  if (isLogLevel(level)) return level;
  throw new MocError("MOC_BAD_REQUEST", `field level must be one of ${LOG_LEVELS.join(", ")}`);
}

function kindsOf(argument: Arguments): ReadonlySet<EventKind> | undefined {
  const text = argument.optionalString("kinds");
  if (!text) return undefined;
  const kinds = new Set<EventKind>();
  for (const part of text.split(",")) {
    const kind = part.trim();
    if (!isEventKind(kind)) {
      throw new MocError("MOC_BAD_REQUEST", `field kinds: '${kind}' is not a kind of event`);
    }
    kinds.add(kind);
  }
  // A subscriber must always learn that it missed something.
  return kinds.add("dropped");
}
