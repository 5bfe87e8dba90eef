import type { CallRunner } from "../core/call.ts";
import type { PlugMatch } from "../core/plug-tree.ts";
import type { FunctionLimits } from "../protocol/limits.ts";
import type { Blob, Filter, FunctionSettings, TechID } from "../protocol/model.ts";

/** What the front needs of core/plugs. */
interface PlugMatcher {
  /**
   * HEAD is answered by GET's plug unless it has its own.
   * @param method lower case
   * @param host the Host header as it came
   * @param path canonical path, still percent-encoded (see request-target.ts)
   */
  match(method: string, host: string, path: string): PlugMatch | undefined;
  /** Methods that have a plug at the path, upper case: for the Allow header. */
  methodsFor(host: string, path: string): readonly string[];
}

/** What the front needs of core/filters: the filters in their order. */
interface FilterList {
  list(): readonly Filter[];
}

/** What the front needs of core/blobs. */
interface BlobReader {
  info(techID: TechID): Blob | undefined;
  bytes(techID: TechID): Promise<Uint8Array>;
}

interface ResolvedName {
  readonly techID: TechID;
  readonly settings: FunctionSettings;
}

/** What the front needs of core/names. */
interface NameResolver {
  /** @throws MOC_NOT_FOUND nothing has this name */
  resolve(reference: string): ResolvedName;
}

/** The parts of the platform that the front stands on; wired in runtime.ts. */
export interface FrontParts {
  readonly plugs: PlugMatcher;
  readonly filters: FilterList;
  readonly blobs: BlobReader;
  readonly names: NameResolver;
  readonly calls: CallRunner;
  /** The operator's ceilings over what functions may ask for. */
  readonly ceilings?: Partial<FunctionLimits>;
  /** Told of defects of the platform that a request met (code MOC_INTERNAL). */
  readonly onDefect: (error: Error, where: string) => void;
}
