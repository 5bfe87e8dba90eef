import type { Diagnostic } from "../diagnostic.ts";
import type { FunctionProject } from "../manifest.ts";

/** Whether the tools that a build needs are here. */
export type ToolchainStatus =
  | {
      readonly ok: true;
      /** Name and version, such as `rustc 1.63.0`. */
      readonly tool: string;
      /** The executable; absent for tools inside this package. */
      readonly path?: string;
      /** It is not here yet: the first build that needs it fetches it. */
      readonly onDemand?: true;
    }
  | {
      readonly ok: false;
      readonly tool: string;
      /** What is missing, in one sentence. */
      readonly missing: string;
      /** What to do about it on this system: commands, one a line. */
      readonly install: string;
    };

/** What a build is for and what may end it. */
export interface BuildOptions {
  /** Aborting it ends the compiler with all its children. */
  readonly signal?: AbortSignal;
  /** What the build is doing; `fraction` from 0 to 1 where it is known. */
  readonly onProgress?: (message: string, fraction?: number) => void;
  /** Wall time of the whole build in ms; default 300,000. */
  readonly timeoutMs?: number;
  /** Without optimisations, and with what a debugger wants to know. */
  readonly debug?: boolean;
}

interface BuildFacts {
  readonly diagnostics: readonly Diagnostic[];
  readonly durationMs: number;
  /** Name and version of what compiled it. */
  readonly toolVersion: string;
}

/** An artefact; diagnostics are warnings. */
export interface BuildSuccess extends BuildFacts {
  readonly ok: true;
  /** Absent for a static site: there is nothing but its files. */
  readonly artifact: Uint8Array;
  readonly contentType: string;
  /** Names that a JavaScript module exports, where its builder knows them; none: it is a script. */
  readonly exports?: readonly string[];
  /** Of a debug build by a compiler that writes one: JSON, its sources relative to the folder. */
  readonly sourceMap?: string;
}

/** Why there is no artefact. */
export interface BuildFailure extends BuildFacts {
  readonly ok: false;
  /** What the compiler printed, cut, for when the diagnostics do not say enough. */
  readonly output: string;
}

/** A source that does not compile is a result; only what else can go wrong is thrown. */
export type BuildResult = BuildSuccess | BuildFailure;

/** Makes the artefact of functions in one language. */
export interface Builder {
  readonly language: string;
  /** Main source file where the manifest names none; the first that exists is taken. */
  readonly defaultSources: readonly string[];
  /** Whether its tools are found; a build may still show that they lack something. */
  check(project?: FunctionProject): Promise<ToolchainStatus>;
  /**
   * @throws MocError MOC_TOOLCHAIN_MISSING (or incomplete), MOC_CANCELLED, MOC_NOT_FOUND (no source),
   * MOC_BUILD_FAILED (timeout, endless output)
   */
  build(project: FunctionProject, options?: BuildOptions): Promise<BuildResult>;
  /** Ends what is kept warm between builds. */
  close?(): Promise<void>;
}
