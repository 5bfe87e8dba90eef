import { stat } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { commands, type Disposable, EventEmitter, type Uri, workspace } from "vscode";
import { findFunctions, IGNORED_FOLDERS } from "../devkit/find-functions.ts";
import { refreshSchema } from "../devkit/local-schema.ts";
import { type FunctionProject, MANIFEST_FILE } from "../devkit/manifest.ts";
import type { MocError } from "../runtime/protocol/errors.ts";

/** A copied or cloned folder is there with its files after so long. */
const WHOLE_MS = 300;

/** A moc.json that cannot be read. */
export interface BrokenManifest {
  readonly folder: string;
  readonly error: MocError;
}

/** The functions in the workspace's folders, kept up with their moc.json files. */
export class Projects implements Disposable {
  readonly #changed = new EventEmitter<void>();
  readonly onChange = this.#changed.event;
  readonly #gone = new EventEmitter<readonly string[]>();
  /** Names of functions whose sources are not here any more. */
  readonly onGone = this.#gone.event;
  readonly #disposables: Disposable[] = [this.#changed, this.#gone];
  readonly #known = Promise.withResolvers<void>();
  #projects: readonly FunctionProject[] = [];
  #broken: readonly BrokenManifest[] = [];
  #reading: Promise<void> | undefined;
  #again = false;
  #soon: NodeJS.Timeout | undefined;

  constructor() {
    const watcher = workspace.createFileSystemWatcher(`**/${MANIFEST_FILE}`);
    const renew = (): void => void this.refresh();
    // Of a folder that is made with all its files, or deleted, often only the folder itself is told.
    const folders = workspace.createFileSystemWatcher("**/*", false, true, false);
    this.#disposables.push(
      { dispose: () => clearTimeout(this.#soon) },
      watcher,
      watcher.onDidChange(renew),
      watcher.onDidCreate(renew),
      watcher.onDidDelete(renew),
      folders,
      folders.onDidCreate((uri) => void this.#created(uri)),
      folders.onDidDelete(({ fsPath }) => {
        if (this.#folders().some((folder) => isWithin(fsPath, folder))) renew();
      }),
      workspace.onDidChangeWorkspaceFolders(renew),
    );
  }

  get list(): readonly FunctionProject[] {
    return this.#projects;
  }

  /** Settles when the folders were read for the first time. */
  get known(): Promise<void> {
    return this.#known.promise;
  }

  get broken(): readonly BrokenManifest[] {
    return this.#broken;
  }

  /** Reads all folders again; settles when {@link list} is up to date. */
  async refresh(): Promise<void> {
    this.#again = true;
    this.#reading ??= this.#readWhileAgain().finally(() => {
      this.#reading = undefined;
    });
    await this.#reading;
  }

  /** The function whose main file it is, or whose folder holds the path, the innermost one. */
  containing(path: string): FunctionProject | undefined {
    const own = this.#projects.find(({ folder, manifest: { source, artifact } }) =>
      [source, artifact].some((main) => main !== undefined && resolve(folder, main) === path),
    );
    return own ?? innermost(this.#projects, path);
  }

  /** The moc.json that cannot be read, of the function that a path belongs to. */
  brokenAt(path: string): BrokenManifest | undefined {
    const broken = innermost(this.#broken, path);
    const valid = this.containing(path);
    return broken && valid && valid.folder.length > broken.folder.length ? undefined : broken;
  }

  /** Folder of the function that a path belongs to, whether its moc.json can be read or not. */
  folderOf(path: string): string | undefined {
    return (this.brokenAt(path) ?? this.containing(path))?.folder;
  }

  named(name: string): FunctionProject | undefined {
    return this.#projects.find(({ manifest }) => manifest.name === name);
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }

  #isBroken(folder: string): boolean {
    return this.#broken.some((one) => one.folder === folder);
  }

  /** A folder came, perhaps with functions: they are looked for once it is whole. */
  async #created(uri: Uri): Promise<void> {
    const parts = uri.fsPath.split(sep);
    if (uri.scheme !== "file" || parts.some((part) => IGNORED_FOLDERS.has(part))) return;
    const info = await stat(uri.fsPath).catch(() => undefined);
    if (!info?.isDirectory()) return;
    clearTimeout(this.#soon);
    this.#soon = setTimeout(() => void this.refresh(), WHOLE_MS);
  }

  #folders(): readonly string[] {
    return [...this.#projects, ...this.#broken].map(({ folder }) => folder);
  }

  async #readWhileAgain(): Promise<void> {
    const before = this.#projects;
    while (this.#again) {
      this.#again = false;
      const roots = (workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === "file");
      const found = await Promise.all(roots.map(({ uri }) => findFunctions(uri.fsPath)));
      this.#projects = found.flatMap(({ projects }) => projects);
      this.#broken = found.flatMap(({ broken }) => broken);
      this.#known.resolve();
      // A clone comes without the schema that its moc.json names.
      if (workspace.isTrusted) await Promise.all(this.#projects.map(refreshSchema));
    }
    // Not waited for: it goes through the window, which may be busy drawing itself.
    void this.#setContext();
    this.#changed.fire();
    // A manifest that cannot be read now still is the function's.
    const gone = before
      .filter(({ folder, manifest }) => !this.named(manifest.name) && !this.#isBroken(folder))
      .map(({ manifest }) => manifest.name);
    if (gone.length > 0) this.#gone.fire(gone);
  }

  async #setContext(): Promise<void> {
    const folders = this.#projects.map(({ folder }) => folder);
    const mains = this.#projects.flatMap(({ folder, manifest: { source } }) =>
      source === undefined ? [] : [{ folder, main: resolve(folder, source) }],
    );
    const isInside = ({ folder, main }: (typeof mains)[number]): boolean => isWithin(folder, main);
    const sources = [
      ...folders.flatMap((folder) => [join(folder, "src"), join(folder, "samples")]),
      ...mains.filter(isInside).map(({ main }) => dirname(main)),
    ];
    // A folder that is not the function's has other files too.
    const outside = mains.filter((one) => !isInside(one)).map(({ main }) => main);
    const shader = this.#projects.some(({ manifest }) => /^(wgsl|glsl)$/.test(manifest.language));
    await Promise.all([
      setContext("hasFunctions", folders.length > 0),
      setContext("functionFolders", folders),
      setContext("sourceFolders", sources),
      setContext("sourceFiles", outside),
      setContext("hasShader", shader),
      // Before, "no function here" would be said of folders with some.
      setContext("looked", true),
    ]);
  }
}

/** Of those whose folders hold a path the one that is nearest to it. */
function innermost<T extends { readonly folder: string }>(
  all: readonly T[],
  path: string,
): T | undefined {
  return all
    .filter(({ folder }) => isWithin(folder, path))
    .sort((a, b) => b.folder.length - a.folder.length)[0];
}

function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder + sep);
}

/** Sets one of our context keys. */
export async function setContext(name: string, value: unknown): Promise<void> {
  await commands.executeCommand("setContext", `myOwnCluster.${name}`, value);
}
