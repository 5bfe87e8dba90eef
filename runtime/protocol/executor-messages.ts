/** Messages between the host and an executor. Sent in batches; order is kept. */
import type { ErrorJson } from "./errors.ts";
import type { GuestLog, Headers, HostOpName } from "./host-ops.ts";
import type { FunctionLimits } from "./limits.ts";
import type { CallMode, FunctionSettings } from "./model.ts";

/** What an executor needs to run one version of a function. */
export interface FunctionImage {
  readonly name: string;
  readonly techID: string;
  readonly contentType: string;
  readonly bytes: Uint8Array;
  readonly settings: FunctionSettings;
  readonly limits: FunctionLimits;
  /** A debugger follows its calls: no limit of time holds, and its code stays as it was compiled. */
  readonly debug?: true;
}

/** Asks an executor to enter the guest of the function that it has. */
export interface CallMessage {
  readonly kind: "call";
  readonly call: number;
  readonly startFunction: string;
  readonly mode: CallMode | undefined;
  readonly arguments: readonly number[];
  readonly posixFileName: string;
  readonly posixArguments: readonly string[];
  /** JSON text of the input's headers: parsed only when the guest looks at them. */
  readonly headers: string;
  readonly body?: Uint8Array | undefined;
  readonly stream?: number | undefined;
  /** The input stream answers one message a read (websocket). */
  readonly messages: boolean;
  /** The answer may be sent in pieces (outputStart, outputWrite). */
  readonly sink: boolean;
  /** Output already begun by a filter: its headers so far. */
  readonly outputHeaders?: Headers | undefined;
  /** The output is a stream that wants each write at once (websocket). */
  readonly outputStream?: number | undefined;
  readonly trace: boolean;
}

/** The end of a call; `error` says why, where its guest did not come to its own end. */
export interface ResultMessage {
  readonly kind: "result";
  readonly call: number;
  readonly result: number;
  /** `result` is a program's exit code. */
  readonly exited?: boolean | undefined;
  /** Explicit status, if the guest set one. */
  readonly status?: number | undefined;
  readonly headers?: Headers | undefined;
  readonly body?: Uint8Array | undefined;
  /** The output was closed by the guest (a filter that ends the request). */
  readonly closed?: boolean | undefined;
  /** Headers that the guest wrote onto its input (a filter that changes the request). */
  readonly inputHeaders?: Headers | undefined;
  readonly memoryBytes: number;
  readonly error?: ErrorJson | undefined;
  readonly gpu?: unknown;
}

/**
 * What the host says to an executor. Plain data and bytes: the channel may lead to another process.
 */
export type ToExecutor =
  /** In place of the function that it has, if any, all of whose calls have ended. */
  | { readonly kind: "load"; readonly image: FunctionImage }
  | CallMessage
  | { readonly kind: "cancel"; readonly call: number; readonly error: ErrorJson }
  | {
      readonly kind: "opResult";
      readonly op: number;
      readonly value?: unknown;
      readonly error?: ErrorJson;
    }
  | { readonly kind: "ping"; readonly seq: number }
  /** It has no function any more; all calls of the one that it had have ended. Not answered. */
  | { readonly kind: "unload" }
  /** While it has no function: get ready for one. Not answered. */
  | { readonly kind: "rehearse" };

/** What an executor says to its host; as plain as {@link ToExecutor}. */
export type FromExecutor =
  | { readonly kind: "ready" }
  | { readonly kind: "loaded"; readonly links: readonly string[]; readonly memoryBytes: number }
  | { readonly kind: "loadFailed"; readonly error: ErrorJson }
  | ResultMessage
  | {
      readonly kind: "op";
      readonly call: number;
      readonly op: number;
      readonly name: HostOpName;
      readonly args: readonly unknown[];
    }
  | ({ readonly kind: "log" } & GuestLog)
  | { readonly kind: "pong"; readonly seq: number };
