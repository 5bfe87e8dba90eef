import { readdir, readFile, realpath } from "node:fs/promises";
import { join, sep } from "node:path";
import { MocError } from "../runtime/protocol/errors.ts";
import { contentTypeOf } from "./content-type.ts";
import type { FunctionProject } from "./manifest.ts";
import type { Manifest } from "./manifest-shape.ts";
import { whyUnreadable } from "./why-unreadable.ts";

/** A file that a function serves beside itself. */
export interface PublishedFile {
  /** Path pattern of its plug. */
  readonly path: string;
  readonly host?: string;
  readonly bytes: Uint8Array;
  readonly contentType: string;
}

type FilesEntry = NonNullable<Manifest["files"]>[number];

const FILES_MAX = 5000;
const TOTAL_BYTES_MAX = 1024 * 1024 * 1024;
const INDEX = "index.html";

/**
 * Reads the files that a manifest names. A folder's index.html also answers the folder's own path.
 * Names that begin with a dot are left out, `.well-known` excepted.
 * @throws MocError MOC_NOT_FOUND, MOC_TOO_LARGE
 */
export async function publishedFiles(project: FunctionProject): Promise<readonly PublishedFile[]> {
  const reader = new FileReader(project);
  for (const entry of project.manifest.files ?? []) await reader.read(entry);
  return reader.result();
}

class FileReader {
  readonly #project: FunctionProject;
  readonly #files = new Map<string, PublishedFile>();
  readonly #taken: ReadonlySet<string>;
  #bytes = 0;

  constructor(project: FunctionProject) {
    this.#project = project;
    // Where the function itself answers there is no room for a redirect.
    this.#taken = new Set(
      (project.manifest.plugs ?? []).map((plug) => `${plug.host} ${plug.path}`),
    );
  }

  async read(entry: FilesEntry): Promise<void> {
    const { folder } = this.#project;
    if (entry.file !== undefined) {
      const file = join(folder, entry.file);
      await this.#add(file, entry.path, entry.host, entry.contentType);
    } else if (entry.dir !== undefined) {
      const base = entry.path.replace(/\/+$/, "");
      await this.#addFolder(join(folder, entry.dir), base, entry.host);
    }
  }

  result(): readonly PublishedFile[] {
    return [...this.#files.values()];
  }

  async #addFolder(folder: string, path: string, host: string | undefined): Promise<void> {
    const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
      throw unreadable(folder, error, this.#project);
    });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.name.startsWith(".") && entry.name !== ".well-known") continue;
      const file = join(folder, entry.name);
      const inner = `${path}/${patternSegment(entry.name)}`;
      if (entry.isDirectory()) await this.#addFolder(file, inner, host);
      else if (entry.isFile() || (await this.#isOwnLink(file))) await this.#add(file, inner, host);
      if (entry.name === INDEX) await this.#addIndex(file, path, host);
    }
  }

  /** `/x/` shows the index; `/x` leads there, so that its relative links are right. */
  async #addIndex(file: string, path: string, host: string | undefined): Promise<void> {
    await this.#add(file, `${path}/`, host);
    if (path === "" || this.#taken.has(`${host} ${path}`)) return;
    const target = `${path.slice(path.lastIndexOf("/") + 1)}/`;
    const page = `<!doctype html><meta http-equiv="refresh" content="0; url=${target}"><a href="${target}">${target}</a>\n`;
    this.#put({ path, bytes: Buffer.from(page), contentType: "text/html; charset=utf-8" }, host);
  }

  async #add(
    file: string,
    path: string,
    host: string | undefined,
    contentType = contentTypeOf(file),
  ): Promise<void> {
    const bytes = await readFile(file).catch((error: unknown) => {
      throw unreadable(file, error, this.#project);
    });
    this.#put({ path, bytes, contentType }, host);
  }

  #put(file: PublishedFile, host: string | undefined): void {
    this.#files.set(`${host} ${file.path}`, { ...file, ...(host !== undefined && { host }) });
    this.#bytes += file.bytes.length;
    if (this.#files.size <= FILES_MAX && this.#bytes <= TOTAL_BYTES_MAX) return;
    throw new MocError(
      "MOC_TOO_LARGE",
      `"files" in ${this.#project.manifestFile} names more than ${FILES_MAX} files or 1 GiB: name a smaller folder.`,
    );
  }

  /** A link out of the project would publish what is not the project's. */
  async #isOwnLink(file: string): Promise<boolean> {
    const target = await realpath(file).catch(() => undefined);
    const own = (await realpath(this.#project.folder)) + sep;
    if (!target?.startsWith(own)) return false;
    return readFile(target).then(
      () => true,
      () => false,
    );
  }
}

/** A file name as a literal segment of a plug's path. */
export function patternSegment(name: string): string {
  return encodeURIComponent(name).replaceAll("!", "%21").replaceAll("*", "%2A");
}

function unreadable(file: string, error: unknown, project: FunctionProject): MocError {
  const message = `${file}, named by "files" in ${project.manifestFile}, ${whyUnreadable(error)}.`;
  return new MocError("MOC_NOT_FOUND", message, { cause: error });
}
