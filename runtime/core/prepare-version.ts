import { setTimeout as sleep } from "node:timers/promises";
import type { MocError } from "../protocol/errors.ts";
import type { FunctionSettings, TechID } from "../protocol/model.ts";
import type { Executors } from "./executors.ts";
import type { FunctionImages } from "./function-images.ts";
import { sameJson } from "./names.ts";
import type { PlatformState } from "./platform-state.ts";

/** A version that takes longer to load is deployed all the same: its first calls wait then. */
const PREPARE_MS = 1000;

/** A version that a name is about to point at. */
export interface WantedVersion {
  readonly name: string;
  readonly techID: TechID;
  /** The very object that the name is going to have. */
  readonly settings: FunctionSettings;
}

interface PrepareParts {
  readonly state: PlatformState;
  readonly images: FunctionImages;
  readonly executors: Executors;
  isExecutable(contentType: string): boolean;
}

/** Answers why a version cannot be loaded, if that is known and its own fault. */
export type PrepareVersion = (wanted: WantedVersion) => Promise<MocError | undefined>;

/**
 * Loads the version that a deploy is about to make the present one. If calls use the one before, it is
 * kept for them: that one answers meanwhile, and no call waits for the change. Else it is only tried
 * out: a folder of functions that are deployed and not called costs no memory. One that could not be
 * loaded is tried again, changed or not: what it needs may be there by now.
 */
export function versionPreparer(parts: PrepareParts): PrepareVersion {
  const { executors, images } = parts;
  let trials: Promise<unknown> = Promise.resolve();
  // One after the other: each borrows an executor that the next one can have.
  const tryOut: PrepareVersion = (wanted) => {
    const trial = trials.then(async () => executors.prepare(await images.draft(wanted), false));
    trials = trial.catch(() => undefined);
    return trial;
  };
  return async (wanted) => {
    const contentType = contentTypeOf(parts.state, wanted.techID);
    if (contentType === undefined || !parts.isExecutable(contentType)) return undefined;
    const late = sleep(PREPARE_MS, undefined, { ref: false });
    const failure = await Promise.race([loadVersion(parts, tryOut, wanted), late]);
    return failure?.fault === "guest" ? failure : undefined;
  };
}

function contentTypeOf({ blobs }: PlatformState, techID: TechID): string | undefined {
  return (blobs.info(techID) ?? blobs.arriving(techID))?.contentType;
}

async function loadVersion(
  { state, images, executors }: PrepareParts,
  tryOut: PrepareVersion,
  wanted: WantedVersion,
): Promise<MocError | undefined> {
  const present = state.names.get(wanted.name);
  const before = present && images.current(wanted.name);
  if (before?.debug) return undefined;
  if (!before || !executors.isInUse(before)) return tryOut(wanted);
  const isSame = present.techID === wanted.techID && sameJson(present.settings, wanted.settings);
  // One that has an executor is not loaded again.
  return executors.prepare(isSame ? before : await images.prepare(wanted), true);
}
