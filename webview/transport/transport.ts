import type { PlatformEvent } from "../../runtime/protocol/model.ts";
import type { RestName, RestRequest, RestResponse } from "../../runtime/protocol/rest.ts";
import type { Sample } from "../sample.ts";

/** A request to a function by its URL, as the invoke playground sends it. */
export interface FunctionRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/** Answer of a function at its plug. */
export interface FunctionResponse {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
  readonly durationMs: number;
}

/** Answer of a REST call that is no JSON. */
export interface BytesAnswer {
  readonly bytes: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** Told how many bytes have passed, and of how many where that is known. */
export type Progress = (done: number, total?: number) => void;

/** An archive that the user chose. */
export interface Archive {
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /** Replaces everything by it. @returns number of entries */
  restore(progress: Progress): Promise<number>;
}

/** A REST request with further headers, such as `if-match`. */
export type Request<N extends RestName> = RestRequest<N> & {
  readonly headers?: Readonly<Record<string, string>>;
};

/**
 * The dashboard's only way to the runtime: REST and events by https in a browser, messages to the
 * extension in the editor. Failures are MocErrors with the runtime's own code.
 */
export interface Transport {
  /** What only an editor can do. */
  readonly editor: boolean;
  call<N extends RestName>(name: N, request?: Request<N>): Promise<RestResponse<N>>;
  bytes<N extends RestName>(name: N, request?: Request<N>): Promise<BytesAnswer>;
  invoke(request: FunctionRequest): Promise<FunctionResponse>;
  /**
   * Events until the answered function is called; connects again after a loss.
   * @param connected told when the stream is there and when it is lost
   */
  events(handler: (event: PlatformEvent) => void, connected: (is: boolean) => void): () => void;
  /** Opens the source of a function in the editor; nothing in a browser. */
  openSource(functionName: string): void;
  /** Gives the user a file. */
  save(name: string, contentType: string, bytes: Uint8Array): void;
  /**
   * Puts a sample into its function's folder where there is an editor; else gives it as a file.
   * @returns where it is now; undefined when the user changed their mind
   */
  saveSample(functionName: string, sample: Sample): Promise<string | undefined>;
  /** Everything as a file of the user's. @returns its size; undefined when they changed their mind */
  exportBackup(name: string, progress: Progress): Promise<number | undefined>;
  /** Lets the user choose an archive; undefined when they changed their mind. */
  chooseArchive(): Promise<Archive | undefined>;
}
