/**
 * The REST API, described once: the system functions validate requests with it, clients take their
 * types from it, and the OpenAPI document is printed from it. Paths are below {@link API_ROOT}.
 */
import type { ErrorJson } from "./errors.ts";
import type { GpuState, ShaderCheck } from "./gpu.ts";
import type {
  Blob,
  CallExchange,
  CallReport,
  Filter,
  FunctionSettings,
  LogLine,
  Name,
  Plug,
} from "./model.ts";

import { ADMIN_CALLS } from "./rest-admin.ts";
import { DEBUG_CALLS } from "./rest-debug.ts";
import type { DeployAnswer } from "./rest-deploy.ts";
import {
  boolean,
  call,
  type Done,
  type Fields,
  type FieldsOf,
  integer,
  integers,
  object,
  objects,
  optional,
  type RestCall,
  string,
  strings,
} from "./rest-vocabulary.ts";

/** Path below which all calls are, as in the original. */
export const API_ROOT = "/my-own-cluster/api";

const page = {
  prefix: optional(string("only entries that start with it")),
  after: optional(string("last entry of the page before")),
  limit: optional(integer("entries of a page, 1 to 1000, default 100")),
};

/** How the runtime is; times are Unix times in ms. */
export interface Status {
  readonly status: true;
  readonly version: string;
  readonly pid: number;
  readonly url: string;
  readonly dataFolder: string;
  readonly startedAt: number;
  readonly uptimeMs: number;
  readonly node: string;
  readonly memory: { readonly rssBytes: number; readonly heapBytes: number };
  readonly executors: readonly ExecutorStatus[];
  /** What runs shaders, once something needed it; absent from older runtimes. */
  readonly gpu?: GpuState;
  /** Absent from older runtimes. */
  readonly store?: StoreState;
  readonly counters: Readonly<Record<string, number>>;
  /** Last 15 minutes, one point each 5 s, oldest first. */
  readonly samples: readonly StatusSample[];
}

/** Whether the store takes writes; once the disk refused one it takes none until a restart, and reads go on. */
export type StoreState =
  | { readonly state: "ok" }
  | {
      readonly state: "read-only";
      /** Unix time in ms of the first write that failed. */
      readonly since: number;
      readonly error: ErrorJson;
    };

/** Figures of 5 seconds. */
export interface StatusSample {
  readonly at: number;
  readonly requests: number;
  readonly errors: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly rssBytes: number;
  readonly executors: number;
}

/** A worker thread, and whose calls it runs. */
export interface ExecutorStatus {
  readonly id: number;
  readonly function: string;
  readonly techID: string;
  readonly state: "spare" | "loading" | "idle" | "busy";
  readonly calls: number;
  readonly memoryBytes: number;
}

/** A function with its present version, its places, and figures since the start of the runtime. */
export interface FunctionSummary {
  readonly name: string;
  readonly techID: string;
  readonly revision: number;
  readonly contentType: string;
  readonly length: number;
  readonly deployedAt: number;
  readonly settings: FunctionSettings;
  readonly plugs: readonly Plug[];
  readonly filters: readonly Filter[];
  readonly calls: number;
  readonly errors: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly memoryBytes: number;
}

/** A key, and enough of its value to show it in a list. */
export interface KvEntry {
  /** Key as text; for keys that are not UTF-8 the `key_base64` is the key. */
  readonly key: string;
  readonly key_base64: string;
  /** Size of the value in bytes. */
  readonly length: number;
  /** First bytes of the value, base64. */
  readonly head_base64: string;
  /** Hash of the value, to detect that it changed meanwhile (header If-Match). */
  readonly etag: string;
}

/** Some keys in ascending order. */
export interface KvPage {
  readonly status: true;
  readonly entries: readonly KvEntry[];
  /** With a delimiter: prefixes one level down. */
  readonly prefixes: readonly string[];
  /** Give it as `after` to get the next page; absent at the end. */
  readonly next?: string;
}

/** What a call without a URL returned and wrote. */
export interface CallFunctionAnswer {
  readonly status: true;
  readonly result: number;
  /** Base64. */
  readonly output: string;
  readonly output_status?: number;
  readonly output_headers: Readonly<Record<string, string>>;
  readonly call_id: number;
}

/** Every call of the REST API, by the name that clients and the API document use. */
export const REST = {
  // The original's calls.
  registerBlob: call<Done & { readonly tech_id: string }>()("POST", "/blob/register", {
    summary: "Store bytes as a blob, and let a name point at it.",
    body: {
      name: optional(string("name that will point at the blob")),
      content_type: string("content type, such as application/wasm or text/javascript"),
      bytes: string("the bytes, base64"),
      settings: optional(object("FunctionSettings of the name")),
    },
  }),
  plugFile: call<Done>()("POST", "/file/plug", {
    summary: "Serve a blob at a path.",
    body: {
      method: string("http method"),
      path: string("path pattern"),
      name: string("name of a blob, or techID://…"),
      tags: optional(object("object of strings")),
      host: optional(string("only for this Host")),
    },
  }),
  plugFunction: call<Done>()("POST", "/function/plug", {
    summary: "Let a function answer a path.",
    body: {
      method: string("http method"),
      path: string("path pattern"),
      name: string("name of a function, or techID://…"),
      start_function: optional(string("default: as deployed")),
      data: optional(string("given to the function as header x-moc-plug-data")),
      tags: optional(object("object of strings")),
      host: optional(string("only for this Host")),
    },
  }),
  unplug: call<Done & { readonly removed?: false }>()("POST", "/function/unplug", {
    summary: "Remove a plug (function or file).",
    body: {
      method: string("http method"),
      path: string("path pattern as it was plugged"),
      host: optional(string("Host it was plugged for")),
    },
  }),
  callFunction: call<CallFunctionAnswer>()("POST", "/function/call", {
    summary: "Call a function without a plug.",
    body: {
      name: string("name of the function, or techID://…"),
      start_function: optional(string("default: as deployed")),
      mode: optional(string("direct, posix or cgi; default: as deployed")),
      input: optional(string("input bytes, base64")),
      headers: optional(object("headers of the input buffer")),
      arguments: optional(integers("integer arguments (direct)")),
      posix_file_name: optional(string("argv[0] (posix)")),
      posix_arguments: optional(strings("further arguments (posix)")),
      timeout_ms: optional(integer("deadline of the call")),
    },
  }),
  plugFilter: call<Done & { readonly filter_id: string }>()("POST", "/filter/plug", {
    summary: "Run a function before every plugged one.",
    body: {
      name: string("name of the function"),
      start_function: optional(string("default: as deployed")),
      data: optional(string("given to the function as header x-moc-plug-data")),
      order: optional(integer("filters run in ascending order, default 0")),
    },
  }),
  unplugFilter: call<Done & { readonly removed?: false }>()("DELETE", "/filter/plug/!filter-id", {
    summary: "Remove a filter.",
  }),
  exportDatabase: call<Record<string, string>>()("GET", "/admin/export-database", {
    summary: "The whole database as JSON: key to base64 value.",
  }),

  // Ours.
  status: call<Status>()("GET", "/status", { summary: "Health, version, executors, counters." }),
  putBlob: call<Done & { readonly tech_id: string; readonly length: number }>()("PUT", "/blobs", {
    summary: "Store the raw request body as a blob; the content-type header is the blob's.",
    query: { name: optional(string("name that will point at the blob")) },
    body: "bytes",
  }),
  getBlob: call<never>()("GET", "/blobs/!tech_id", {
    summary: "Bytes of a blob.",
    answer: "bytes",
  }),
  headBlob: call<Done & Blob>()("GET", "/blobs/!tech_id/info", { summary: "Facts of a blob." }),
  names: call<Done & { readonly names: readonly Name[]; readonly next?: string }>()(
    "GET",
    "/names",
    { summary: "Names and their history.", query: page },
  ),
  name: call<Done & { readonly name: Name }>()("GET", "/names/!name", { summary: "One name." }),
  rollback: call<DeployAnswer>()("POST", "/names/!name/rollback", {
    summary: "Let a name point at an earlier version again.",
    body: { tech_id: optional(string("version to return to; default: the one before")) },
  }),
  functions: call<Done & { readonly functions: readonly FunctionSummary[] }>()(
    "GET",
    "/functions",
    { summary: "All functions, static sites included, with their figures." },
  ),
  deploy: call<DeployAnswer>()("POST", "/deploy", {
    summary: "Name, settings, plugs, files and filters of a function, all together or not at all.",
    body: {
      name: string("name of the function"),
      tech_id: string("its blob"),
      blob_follows: optional(
        boolean("the blob is uploaded at the same time: wait for it, for 5 seconds at most"),
      ),
      force: optional(boolean("also while a debugger is attached to the version before")),
      settings: optional(object("FunctionSettings")),
      plugs: optional(objects("DeployPlug")),
      files: optional(objects("DeployFile")),
      filters: optional(objects("DeployFilter")),
    },
  }),
  undeploy: call<DeployAnswer>()("POST", "/undeploy", {
    summary: "Remove a function with everything its deploy made.",
    body: { name: string("name of the function") },
  }),
  plugs: call<Done & { readonly plugs: readonly Plug[] }>()("GET", "/plugs", {
    summary: "All plugs, in matching order.",
  }),
  matchPlug: call<
    Done & {
      readonly plug?: Plug;
      readonly params: Readonly<Record<string, string>>;
      readonly filters: readonly Filter[];
    }
  >()("GET", "/plugs/match", {
    summary: "Which plug answers a method and path?",
    query: {
      method: string("http method"),
      path: string("path"),
      host: optional(string("Host header")),
    },
  }),
  filters: call<Done & { readonly filters: readonly Filter[] }>()("GET", "/filters", {
    summary: "All filters, in order.",
  }),
  kvList: call<KvPage>()("GET", "/kv", {
    summary: "One page of the key-value store.",
    query: { ...page, delimiter: optional(string("group keys one level down by it")) },
  }),
  kvGet: call<never>()("GET", "/kv/*key", {
    summary: "Value of a key (percent-encoded); `key_base64=1` if the path is base64url.",
    query: { key_base64: optional(string("1: the key in the path is base64url")) },
    answer: "bytes",
  }),
  kvPut: call<Done & { readonly etag: string }>()("PUT", "/kv/*key", {
    summary: "Write a key; with If-Match only if it still has that etag.",
    query: { key_base64: optional(string("1: the key in the path is base64url")) },
    body: "bytes",
  }),
  kvDelete: call<Done>()("DELETE", "/kv/*key", {
    summary: "Delete a key.",
    query: { key_base64: optional(string("1: the key in the path is base64url")) },
  }),
  calls: call<Done & { readonly calls: readonly CallReport[] }>()("GET", "/calls", {
    summary: "Recent calls, newest first.",
    query: {
      function: optional(string("only this function's")),
      errors: optional(string("1: only failed ones")),
      before: optional(integer("only calls with a smaller id")),
      limit: optional(integer("1 to 1000, default 100")),
    },
  }),
  call: call<
    Done & {
      readonly call: CallReport;
      readonly children: readonly CallReport[];
      readonly logs: readonly LogLine[];
    }
  >()("GET", "/calls/!id", { summary: "One call with its sub-calls and log lines." }),
  callExchange: call<Done & { readonly exchange: CallExchange }>()("GET", "/calls/!id/exchange", {
    summary: "Headers and the first bytes of the bodies of one recent call; secrets are left out.",
  }),
  logs: call<Done & { readonly lines: readonly LogLine[] }>()("GET", "/logs", {
    summary: "Recent log lines, oldest first.",
    query: {
      function: optional(string("only this function's")),
      level: optional(string("this level and above")),
      after: optional(integer("only lines with a larger seq")),
      call: optional(integer("only this call's")),
      limit: optional(integer("1 to 1000, default 200")),
    },
  }),
  events: call<never>()("GET", "/events", {
    summary: "Server-sent events: one PlatformEvent a message.",
    query: {
      kinds: optional(string("comma separated kinds; default all")),
      function: optional(string("only calls and logs of this function")),
    },
    answer: "events",
  }),
  metrics: call<never>()("GET", "/metrics", { summary: "Prometheus text format.", answer: "text" }),
  openapi: call<unknown>()("GET", "/openapi.json", { summary: "This API as OpenAPI 3.1." }),
  gpu: call<Done & { readonly gpu: unknown }>()("GET", "/gpu", {
    summary: "What runs shaders: adapter, driver, limits, features; or why there is none.",
  }),
  checkShader: call<Done & ShaderCheck>()("POST", "/gpu/check", {
    summary: "What is wrong with a shader and its declaration, before it is deployed.",
    body: {
      content_type: string("text/wgsl or text/x-glsl-compute"),
      source: string("the shader's text"),
      name: optional(string("what messages call it")),
      declaration: optional(object("its declaration, when it does not stand in its comments")),
      starts: optional(strings("entry points that are plugged; an empty text: the declared one")),
    },
  }),
  ...DEBUG_CALLS,
  ...ADMIN_CALLS,
} as const;

/** Name of a call. */
export type RestName = keyof typeof REST;
/** What a call takes. */
export type RestRequest<N extends RestName> =
  (typeof REST)[N] extends RestCall<infer Q, infer B, unknown>
    ? {
        readonly path?: Readonly<Record<string, string>>;
        readonly query?: FieldsOf<Q>;
        readonly body?: B extends Fields ? FieldsOf<B> : Uint8Array;
      }
    : never;
/** What a call answers when it succeeds. */
export type RestResponse<N extends RestName> =
  (typeof REST)[N] extends RestCall<infer _Q, infer _B, infer R> ? R : never;

/** Answer of every failed call. */
export interface RestError {
  readonly status: false;
  readonly code: string;
  readonly message: string;
}
