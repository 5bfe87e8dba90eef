import {
  type Disposable,
  EventEmitter,
  type FileChangeEvent,
  FileChangeType,
  type FileStat,
  FileSystemError,
  type FileSystemProvider,
  FileType,
  l10n,
  Uri,
  window,
} from "vscode";
import type { Client } from "../../devkit/client.ts";
import { MocError } from "../../runtime/protocol/errors.ts";
import { KEY_SCHEME } from "../contributions/views.ts";
import type { Say } from "../say.ts";
import { readValue, showValue } from "./key-format.ts";
import { type KeyLocation, keyUriParts, parseKeyQuery } from "./key-location.ts";
import { type KeyValue, readKey, writeKey } from "./key-store.ts";

const say: Say = (message, ...values) => l10n.t(message, ...values);

/** Address of a key's document. */
export function keyUri(location: KeyLocation): Uri {
  return Uri.from({ scheme: KEY_SCHEME, ...keyUriParts(location) });
}

interface Open extends KeyValue {
  readonly location: KeyLocation;
  readonly changedAt: number;
  /** What somebody did to the key since; it has to be read again. */
  readonly since?: "changed" | "deleted";
}

/** Keys as documents: opened in one of three formats, saved back to the store. */
export class KeyFileSystem implements FileSystemProvider, Disposable {
  readonly #changed = new EventEmitter<FileChangeEvent[]>();
  readonly onDidChangeFile = this.#changed.event;
  readonly #client: () => Promise<Client>;
  /** What was last read or written, by URI. */
  readonly #open = new Map<string, Open>();

  constructor(client: () => Promise<Client>) {
    this.#client = client;
  }

  /** A key was changed by somebody: its documents, if they are clean, are read anew. */
  keyChanged(key: string, deleted: boolean): void {
    const events: FileChangeEvent[] = [];
    for (const [uri, open] of this.#open) {
      if (new TextDecoder().decode(open.location.key) !== key) continue;
      const again = open.since === "deleted" ? FileChangeType.Created : FileChangeType.Changed;
      const type = deleted ? FileChangeType.Deleted : again;
      this.#open.set(uri, { ...open, since: deleted ? "deleted" : "changed" });
      events.push({ type, uri: Uri.parse(uri, true) });
    }
    if (events.length > 0) this.#changed.fire(events);
  }

  watch(): Disposable {
    return { dispose: () => undefined };
  }

  async stat(uri: Uri): Promise<FileStat> {
    // The editor asks for the folders above a document, with the document's query.
    if (uri.path !== keyUriParts(locationOf(uri)).path) {
      return { type: FileType.Directory, ctime: 0, mtime: 0, size: 0 };
    }
    const known = this.#open.get(uri.toString());
    const { changedAt, value } = known && !known.since ? known : await this.#read(uri);
    return { type: FileType.File, ctime: 0, mtime: changedAt, size: value.length };
  }

  async readFile(uri: Uri): Promise<Uint8Array> {
    const { value, location } = await this.#read(uri);
    try {
      return new TextEncoder().encode(showValue(value, location.format, say));
    } catch (error) {
      throw FileSystemError.Unavailable(MocError.from(error).message);
    }
  }

  async writeFile(uri: Uri, content: Uint8Array): Promise<void> {
    const location = locationOf(uri);
    const known = this.#open.get(uri.toString());
    const before = known?.since === "deleted" ? undefined : known;
    try {
      const text = new TextDecoder().decode(content);
      const value = readValue(text, location.format, say, before?.value);
      const etag = await this.#write(location, value, before?.etag);
      this.#open.set(uri.toString(), { location, value, etag, changedAt: Date.now() });
    } catch (error) {
      throw FileSystemError.Unavailable(MocError.from(error).message);
    }
    this.#changed.fire([{ type: FileChangeType.Changed, uri }]);
  }

  readDirectory(): [string, FileType][] {
    return [];
  }

  createDirectory(): void {
    throw FileSystemError.NoPermissions(l10n.t("Keys have no folders."));
  }

  delete(): void {
    throw FileSystemError.NoPermissions(l10n.t("Delete keys in the Key-Value Store view."));
  }

  rename(): void {
    throw FileSystemError.NoPermissions(l10n.t("Keys cannot be renamed."));
  }

  dispose(): void {
    this.#changed.dispose();
  }

  async #read(uri: Uri): Promise<Open> {
    const location = locationOf(uri);
    try {
      const read = await readKey(await this.#client(), location.key);
      const known = this.#open.get(uri.toString());
      const same = known !== undefined && known.etag !== undefined && known.etag === read.etag;
      const open = { ...read, location, changedAt: same ? known.changedAt : Date.now() };
      this.#open.set(uri.toString(), open);
      return open;
    } catch (error) {
      const failure = MocError.from(error);
      if (failure.code === "MOC_NOT_FOUND") throw FileSystemError.FileNotFound(uri);
      throw FileSystemError.Unavailable(failure.message);
    }
  }

  /** Losing what somebody else wrote is asked for, never done silently. */
  async #write(location: KeyLocation, value: Uint8Array, etag?: string): Promise<string> {
    const client = await this.#client();
    try {
      return await writeKey(client, location.key, value, etag);
    } catch (error) {
      if (!(error instanceof MocError) || error.code !== "MOC_CONFLICT") throw error;
      const overwrite = l10n.t("Overwrite");
      const choice = await window.showWarningMessage(
        l10n.t("The key was changed meanwhile."),
        { modal: true, detail: l10n.t("Overwriting loses that change.") },
        overwrite,
      );
      if (choice !== overwrite) throw error;
      return writeKey(client, location.key, value);
    }
  }
}

function locationOf(uri: Uri): KeyLocation {
  const location = parseKeyQuery(uri.query);
  if (!location) throw FileSystemError.FileNotFound(uri);
  return location;
}
