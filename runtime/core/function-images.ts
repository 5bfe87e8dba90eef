import type { FunctionImage } from "../protocol/executor-messages.ts";
import { type FunctionLimits, resolveLimits } from "../protocol/limits.ts";
import type { TechID } from "../protocol/model.ts";
import type { ArrivedBlob } from "./blob-arrivals.ts";
import type { Blobs } from "./blobs.ts";
import type { Names } from "./names.ts";

/** Images of functions kept for the next call; an image holds the bytes of its blob. */
const KEPT = 256;
const KEPT_BYTES = 256 * 1024 * 1024;

/** What an image is of. */
type Version = Pick<FunctionImage, "name" | "techID" | "settings">;

interface Kept {
  readonly image: FunctionImage;
  /** Asked for since the last search for what can go. */
  used: boolean;
}

/** Finds what a reference points at, as an image that executors can load. */
export class FunctionImages {
  readonly #names: Names;
  readonly #blobs: Blobs;
  readonly #ceilings: Partial<FunctionLimits>;
  /** By reference; an image is replaced when its name has moved or its settings changed. */
  readonly #images = new Map<string, Kept>();
  /** Versions that are being debugged, by name. */
  readonly #debugged = new Map<string, FunctionImage>();
  /** Versions that are about to be deployed, by name. */
  readonly #prepared = new Map<string, FunctionImage>();
  #bytes = 0;

  constructor(names: Names, blobs: Blobs, ceilings: Partial<FunctionLimits>) {
    this.#names = names;
    this.#blobs = blobs;
    this.#ceilings = ceilings;
  }

  /** The image if it is at hand: the same object as long as nothing changed. */
  cached(reference: string): FunctionImage | undefined {
    const kept = this.#images.get(reference);
    if (!kept) return undefined;
    const { image } = kept;
    const { techID, settings } = this.#names.resolve(reference);
    if (image.techID !== techID || image.settings !== settings) return undefined;
    kept.used = true;
    return image;
  }

  /** What calls of a name's present version run under, as far as that is known yet. */
  current(name: string): FunctionImage | undefined {
    const present = this.#names.get(name);
    return present && (this.cached(name) ?? this.#preparedFor(name, present));
  }

  /** The image that a version's calls will run under once a name has it. */
  async prepare(version: Version): Promise<FunctionImage> {
    const image = await this.draft(version);
    this.#prepared.set(version.name, image);
    return image;
  }

  /** An image of a version that no call will run under. */
  async draft(version: Version): Promise<FunctionImage> {
    const blob = this.#blobs.arriving(version.techID) ?? (await this.#blob(version.techID));
    return this.#imageOf(version, blob);
  }

  /**
   * From now on calls of the present version run under the image that this answers. A version that
   * is deployed later is none of the debugger's.
   * @throws MOC_NOT_FOUND
   */
  async debug(name: string): Promise<FunctionImage> {
    const image: FunctionImage = { ...(await this.get(name)), debug: true };
    this.#debugged.set(name, image);
    this.#drop(name);
    return image;
  }

  /** The name's calls run as all others do again. */
  endDebug(name: string): void {
    if (this.#debugged.delete(name)) this.#drop(name);
  }

  /** @throws MOC_NOT_FOUND */
  async get(reference: string): Promise<FunctionImage> {
    const resolved = this.#names.resolve(reference);
    const { techID, settings } = resolved;
    const blob = await this.#blob(techID);
    const debugged = this.#debugged.get(reference);
    const isDebugged = debugged?.techID === techID && debugged.settings === settings;
    const image = isDebugged
      ? debugged
      : (this.#preparedFor(reference, resolved) ?? this.#imageOf(resolved, blob));
    // Another caller may have been faster: executors are kept by the image's identity.
    const present = this.cached(reference);
    if (present) return present;
    this.#prepared.delete(reference);
    this.#drop(reference);
    this.#images.set(reference, { image, used: true });
    this.#bytes += blob.bytes.length;
    this.#forget();
    return image;
  }

  async #blob(techID: TechID): Promise<ArrivedBlob> {
    const bytes = await this.#blobs.bytes(techID);
    return { bytes, contentType: this.#blobs.require(techID).contentType };
  }

  #imageOf({ name, techID, settings }: Version, blob: ArrivedBlob): FunctionImage {
    return {
      name,
      techID,
      ...blob,
      settings,
      limits: resolveLimits(settings.limits, this.#ceilings),
    };
  }

  #preparedFor(name: string, { techID, settings }: Version): FunctionImage | undefined {
    const prepared = this.#prepared.get(name);
    return prepared?.techID === techID && prepared.settings === settings ? prepared : undefined;
  }

  /** Those go first that nobody asked for since they were looked at before. */
  #forget(): void {
    for (const [reference, kept] of this.#images) {
      if (this.#images.size <= KEPT && this.#bytes <= KEPT_BYTES) return;
      if (this.#images.size === 1) return;
      if (kept.used) {
        kept.used = false;
        this.#images.delete(reference);
        this.#images.set(reference, kept);
      } else {
        this.#drop(reference);
      }
    }
  }

  #drop(reference: string): void {
    this.#bytes -= this.#images.get(reference)?.image.bytes.length ?? 0;
    this.#images.delete(reference);
  }
}
