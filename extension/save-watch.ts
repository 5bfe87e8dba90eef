import { watch } from "node:fs";
import { readFile } from "node:fs/promises";

/** What of a document matters here. */
export interface SavedDocument {
  readonly fileName: string;
  /** Counts its changes. */
  readonly version: number;
  getText(): string;
}

interface Write {
  readonly end: AbortController;
  /** Version that was found on disk, and told. */
  told?: number;
}

/** A write that takes longer is told by the editor alone. */
const WRITE_MS = 10_000;

/**
 * Tells of a save when its text is on disk. The editor tells it when its window has heard of that too,
 * 30 ms later; where nothing is seen here (other encodings, network folders) that is early enough.
 */
export class SaveWatch {
  readonly #saved: (document: SavedDocument) => void;
  readonly #writes = new Map<string, Write>();

  /** @param saved - called once for each save */
  constructor(saved: (document: SavedDocument) => void) {
    this.#saved = saved;
  }

  /** The document is about to be written. */
  will(document: SavedDocument): void {
    const { fileName } = document;
    this.#writes.get(fileName)?.end.abort();
    const write: Write = { end: new AbortController() };
    const signal = AbortSignal.any([write.end.signal, AbortSignal.timeout(WRITE_MS)]);
    try {
      const watcher = watch(fileName, { signal, persistent: false });
      watcher.on("change", () => void this.#look(document, write));
      // Whatever cannot be watched is told by the editor.
      watcher.on("error", () => undefined);
      this.#writes.set(fileName, write);
    } catch {
      // A new file is not there yet.
      this.#writes.delete(fileName);
    }
  }

  /** The document was written, says the editor. */
  did(document: SavedDocument): void {
    const write = this.#writes.get(document.fileName);
    this.#writes.delete(document.fileName);
    write?.end.abort();
    if (write?.told !== document.version) this.#saved(document);
  }

  dispose(): void {
    for (const { end } of this.#writes.values()) end.abort();
    this.#writes.clear();
  }

  /** A file is seen empty and in parts while it is written: it counts when it is all that it should be. */
  async #look(document: SavedDocument, write: Write): Promise<void> {
    const text = await readFile(document.fileName, "utf8").catch(() => undefined);
    if (write.end.signal.aborted || write.told === document.version) return;
    if (text !== document.getText()) return;
    write.told = document.version;
    this.#saved(document);
  }
}
