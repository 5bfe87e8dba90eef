import type { FunctionImage } from "../protocol/executor-messages.ts";
import { type FunctionLimits, resolveLimits } from "../protocol/limits.ts";
import type { Blobs } from "./blobs.ts";
import type { Names } from "./names.ts";

/** Images of functions kept for the next call; an image holds the bytes of its blob. */
const KEPT = 256;

/** Finds what a reference points at, as an image that executors can load. */
export class FunctionImages {
  readonly #names: Names;
  readonly #blobs: Blobs;
  readonly #ceilings: Partial<FunctionLimits>;
  /** By reference; an image is replaced when its name has moved or its settings changed. */
  readonly #images = new Map<string, FunctionImage>();

  constructor(names: Names, blobs: Blobs, ceilings: Partial<FunctionLimits>) {
    this.#names = names;
    this.#blobs = blobs;
    this.#ceilings = ceilings;
  }

  /** The image if it is at hand: the same object as long as nothing changed. */
  cached(reference: string): FunctionImage | undefined {
    const image = this.#images.get(reference);
    if (!image) return undefined;
    const { techID, settings } = this.#names.resolve(reference);
    return image.techID === techID && image.settings === settings ? image : undefined;
  }

  /** @throws MOC_NOT_FOUND */
  async get(reference: string): Promise<FunctionImage> {
    const { name, techID, settings } = this.#names.resolve(reference);
    const bytes = await this.#blobs.bytes(techID);
    const image: FunctionImage = {
      name,
      techID,
      contentType: this.#blobs.info(techID)?.contentType ?? "application/octet-stream",
      bytes,
      settings,
      limits: resolveLimits(settings.limits, this.#ceilings),
    };
    // Another caller may have been faster: executors are kept by the image's identity.
    const present = this.cached(reference);
    if (present) return present;
    this.#images.delete(reference);
    this.#images.set(reference, image);
    for (const oldest of this.#images.keys()) {
      if (this.#images.size <= KEPT) break;
      this.#images.delete(oldest);
    }
    return image;
  }
}
