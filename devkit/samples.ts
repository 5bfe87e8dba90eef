import type { Diagnostic } from "./diagnostic.ts";
import type { FunctionProject } from "./manifest.ts";

/** Expectations on an answer; all that are given must hold. */
export interface Expectations {
  readonly status?: number;
  /** Header values, by name in any case; a value between slashes is a regular expression. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The whole body as text. */
  readonly body?: string;
  /** The body must be JSON that has at least this. */
  readonly json?: unknown;
  /** Regular expression that the body must match somewhere. */
  readonly matches?: string;
  /** Result of a call without a URL. */
  readonly result?: number;
  readonly maxMs?: number;
}

/** Content of one `samples/*.json`. */
export interface Sample {
  readonly $schema?: string;
  readonly name?: string;
  readonly method?: string;
  /** Plug pattern or path; default: the function's first plug. */
  readonly path?: string;
  readonly pathParams?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly bodyJson?: unknown;
  readonly bodyFile?: string;
  readonly bodyBase64?: string;
  /** Given: the function is called without a URL. */
  readonly mode?: "direct" | "posix" | "cgi";
  readonly startFunction?: string;
  readonly arguments?: readonly number[];
  readonly posixArguments?: readonly string[];
  readonly expect?: Expectations;
}

export interface SampleFile {
  /** Absolute path. */
  readonly file: string;
  /** `name` of the sample, else of the file. */
  readonly name: string;
  /** Absent when the file is not valid. */
  readonly sample?: Sample;
  readonly problems: readonly Diagnostic[];
}

/** Sample inputs of a function, in order of their file names. */
export declare function readSamples(project: FunctionProject): Promise<readonly SampleFile[]>;
