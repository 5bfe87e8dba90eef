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
}

/**
 * Loads the version that a deploy is about to make the present one, if calls use the one before: that
 * one answers meanwhile, and no call waits for the change. One that could not be loaded is tried
 * again, changed or not: what it needs may be there by now.
 * @returns why the function cannot be loaded, if that is known and its own fault
 */
export async function prepareVersion(
  parts: PrepareParts,
  wanted: WantedVersion,
): Promise<MocError | undefined> {
  const { state, images, executors } = parts;
  const present = state.names.get(wanted.name);
  const { blobs } = state;
  if (!present || !(blobs.info(wanted.techID) ?? blobs.arriving(wanted.techID))) return undefined;
  const before = images.current(wanted.name);
  if (!before || before.debug || !executors.isInUse(before)) return undefined;
  const isSame = present.techID === wanted.techID && sameJson(present.settings, wanted.settings);
  // One that has an executor is not loaded again.
  const image = isSame ? before : await images.prepare(wanted);
  const late = sleep(PREPARE_MS, undefined, { ref: false });
  const failure = await Promise.race([executors.prepare(image), late]);
  return failure?.fault === "guest" ? failure : undefined;
}
