/**
 * JSON nouns of the platform, as they are stored, listed by the REST API and sent as events.
 * Field names are snake_case where the original's REST API has them, camelCase elsewhere.
 */
import type { ErrorJson } from "./errors.ts";
import type { FunctionLimits } from "./limits.ts";

/** SHA-256 of a blob's bytes, 64 lower-case hex digits. */
export type TechID = string;

/** How a call enters a guest. `cgi` is `posix` whose stdout starts with RFC 3875 headers. */
export type CallMode = "direct" | "posix" | "cgi";

/** What a function may do beside computing. */
export const CAPABILITIES = ["platform"] as const;
/** One of {@link CAPABILITIES}. */
export type Capability = (typeof CAPABILITIES)[number];

/** Immutable bytes in the store, without the bytes themselves. */
export interface Blob {
  readonly techID: TechID;
  readonly contentType: string;
  /** Size in bytes. */
  readonly length: number;
  /** Unix time in ms. */
  readonly createdAt: number;
}

/** How the function that a name points at is to be run; everything is optional. */
export interface FunctionSettings {
  readonly mode?: CallMode;
  readonly start?: string;
  readonly language?: string;
  readonly limits?: Partial<FunctionLimits>;
  readonly capabilities?: readonly Capability[];
  /** `fresh` (default): pristine at each call. `shared`: one instance keeps its state. */
  readonly state?: "fresh" | "shared";
  /** Environment of a WASI guest, and `env.vars` of a JavaScript module. */
  readonly env?: Readonly<Record<string, string>>;
  /** Outbound hosts this function may reach beside the platform's policy, `HOST[:PORT]`. */
  readonly outbound?: readonly string[];
  /** Shader declaration (see engines/shader). */
  readonly shader?: unknown;
  /** Absolute folder of the sources on the developer's machine, for editors. */
  readonly sourceFolder?: string;
}

/** What a name pointed at from a moment on. */
export interface NameVersion {
  readonly techID: TechID;
  /** Unix time in ms. */
  readonly at: number;
  readonly settings: FunctionSettings;
}

/** A name points at one blob; its history is newest first and starts with the present version. */
export interface Name {
  readonly name: string;
  readonly techID: TechID;
  /** Counts the moves of the name, from 1. */
  readonly revision: number;
  readonly settings: FunctionSettings;
  readonly history: readonly NameVersion[];
}

interface PlugBase {
  readonly method: string;
  /** Empty: any host. */
  readonly host: string;
  /** `/a/!param/b`, `/a/*rest` */
  readonly path: string;
  /** Name of a blob, or `techID://…`. */
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Name of the function whose deploy made it, so that a later deploy can take it back. */
  readonly owner?: string;
}

/** Requests for its path run a function. */
export interface FunctionPlug extends PlugBase {
  readonly type: "function";
  readonly start_function: string;
  readonly data: string;
}

/** Requests for its path are answered with the bytes of a blob. */
export interface FilePlug extends PlugBase {
  readonly type: "file";
}

/** A place (host, method, path pattern) and what answers there. */
export type Plug = FunctionPlug | FilePlug;

/** A function that runs before every plugged one, and may answer or change the request. */
export interface Filter {
  readonly id: string;
  readonly name: string;
  readonly start_function: string;
  readonly data: string;
  /** Filters run in ascending order. */
  readonly order: number;
  readonly owner?: string;
}

/** From the least to the most urgent. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** A line that a function or the runtime wrote. */
export interface LogLine {
  /** Counts the lines since the start of the runtime. */
  readonly seq: number;
  /** Unix time in ms. */
  readonly at: number;
  readonly level: LogLevel;
  readonly text: string;
  /** Function that wrote it; empty for the runtime itself. */
  readonly function: string;
  readonly call?: number;
}

/** A piece of a call's time, for waterfalls. Times are ms since the start of the call. */
export interface CallSpan {
  readonly name: string;
  readonly kind: "queue" | "load" | "guest" | "store" | "http" | "call" | "gpu" | "filter";
  readonly start: number;
  readonly duration: number;
  readonly detail?: string;
}

/** What a call was and what it took; kept in memory after its end. */
export interface CallReport {
  readonly id: number;
  readonly parent?: number;
  readonly function: string;
  readonly techID: TechID;
  readonly startFunction: string;
  readonly trigger: "http" | "websocket" | "call" | "rest" | "filter";
  /** `METHOD /path?query` for http. */
  readonly target?: string;
  /** Unix time in ms when it was asked for. */
  readonly at: number;
  /** From being asked for to its end. */
  readonly durationMs: number;
  /** Of it, before the guest was entered. */
  readonly queueMs: number;
  /** What the start function returned, or the exit code of a program. */
  readonly result?: number;
  /** Http status that the client got. */
  readonly status?: number;
  /** Bytes of bodies, without headers. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Linear memory at the end of the call. */
  readonly memoryBytes: number;
  readonly error?: ErrorJson;
  readonly logLines: number;
  readonly spans: readonly CallSpan[];
  /** Present for GPU work: a `GpuReport` of all its jobs together (protocol/gpu.ts). */
  readonly gpu?: unknown;
}

/** One direction of a past call, as far as it is kept. */
export interface ExchangePart {
  readonly headers: Readonly<Record<string, string>>;
  /** Names of further headers, whose values are secrets. */
  readonly hidden: readonly string[];
  /** The first bytes of the body, base64. */
  readonly body_base64: string;
  /** Size of the whole body in bytes; absent for what was sent to the call as a stream. */
  readonly length?: number;
}

/** What a past call was given and what it answered. */
export interface CallExchange {
  readonly request: ExchangePart;
  /** Absent when the call failed. */
  readonly response?: ExchangePart & { readonly status?: number };
}

/** What the runtime tells to whoever subscribed to its events. */
export type PlatformEvent =
  | {
      readonly kind: "deployed";
      readonly at: number;
      readonly name: string;
      readonly techID: TechID;
      readonly revision: number;
      readonly changed: readonly string[];
    }
  | { readonly kind: "undeployed"; readonly at: number; readonly name: string }
  | { readonly kind: "plugs"; readonly at: number }
  | { readonly kind: "filters"; readonly at: number }
  | { readonly kind: "kv"; readonly at: number; readonly key: string; readonly deleted: boolean }
  | { readonly kind: "call"; readonly report: CallReport }
  | { readonly kind: "log"; readonly line: LogLine }
  | {
      readonly kind: "limit";
      readonly at: number;
      readonly function: string;
      readonly error: ErrorJson;
    }
  | {
      readonly kind: "executor";
      readonly at: number;
      readonly function: string;
      readonly state: "started" | "ended" | "lost";
    }
  | { readonly kind: "dropped"; readonly count: number };

/** `DATA/instance.json`: how clients find a running instance. */
export interface InstanceFile {
  readonly pid: number;
  readonly url: string;
  readonly port: number;
  /** Port of plain http, if there is one. */
  readonly httpPort?: number;
  readonly token: string;
  /** PEM of the certificate to pin. */
  readonly certificate: string;
  readonly startedAt: string;
  readonly version: string;
}
