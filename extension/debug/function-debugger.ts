import { sep } from "node:path";
import { type Disposable, extensions, l10n, type Memento } from "vscode";
import type { Client } from "../../devkit/client.ts";
import type { FunctionProject } from "../../devkit/manifest.ts";
import { MocError } from "../../runtime/protocol/errors.ts";
import type { Live } from "../live.ts";
import type { LiveReporter } from "../live-reporter.ts";
import type { Logs } from "../log.ts";
import { type AttachConfiguration, attachConfiguration } from "./attach-configuration.ts";
import { DebugTurn } from "./debug-turn.ts";

/** Reads DWARF for VS Code's JavaScript debugger, with variables; not part of the editor. */
const DWARF_EXTENSION = "ms-vscode.wasm-dwarf-debugging";
const LEFT_KEY = "debuggedFolders";
/** For the debugger to attach. */
const ATTACH_MS = 60_000;

export interface FunctionDebuggerParts {
  readonly extensionPath: string;
  readonly memory: Memento;
  readonly logs: Logs;
  readonly live: Live;
  readonly reporter: LiveReporter;
  readonly dataFolder: () => string;
  readonly ensure: () => Promise<Client>;
}

/** A function that is being debugged, or is about to be. */
export interface DebuggedFunction {
  readonly id: string;
  readonly project: FunctionProject;
  readonly client: Client;
  /** Ends it if no debugger comes. */
  readonly late: NodeJS.Timeout;
}

/** Puts debug builds of functions in place of what is live, and what was live back afterwards. */
export class FunctionDebugger implements Disposable {
  readonly #parts: FunctionDebuggerParts;
  readonly #debugged = new Map<string, DebuggedFunction>();

  constructor(parts: FunctionDebuggerParts) {
    this.#parts = parts;
  }

  session(id: unknown): DebuggedFunction | undefined {
    return typeof id === "string" ? this.#debugged.get(id) : undefined;
  }

  /**
   * Builds a function for the debugger and makes that live.
   * @returns how to attach; undefined: the source does not compile, which Problems tells
   * @throws MocError of the build or of the runtime, MOC_CONFLICT when it is debugged already
   */
  async start(project: FunctionProject, title: string): Promise<AttachConfiguration | undefined> {
    const { folder, manifest } = project;
    if ([...this.#debugged.values()].some((one) => one.project.folder === folder)) {
      throw new MocError("MOC_CONFLICT", l10n.t("{0} is being debugged already.", manifest.name));
    }
    // Before anything is deployed: the debug build of another window's session is live.
    const turn = this.#turn(folder);
    if (!(await turn.take())) {
      throw new MocError(
        "MOC_CONFLICT",
        l10n.t("{0} is being debugged in another window.", manifest.name),
      );
    }
    try {
      const configuration = await this.#start(project, title);
      if (!configuration) await turn.give();
      return configuration;
    } catch (error) {
      await turn.give();
      throw error;
    }
  }

  async #start(project: FunctionProject, title: string): Promise<AttachConfiguration | undefined> {
    const { reporter, live, ensure } = this.#parts;
    const { folder, manifest } = project;
    const { buildForDebug } = await import("../../devkit/debug/build-for-debug.ts");
    reporter.building(project);
    const build = await buildForDebug(project, {
      onProgress: (message) => reporter.progress(message),
    }).finally(() => reporter.settled(folder));
    if (!build.ok) {
      reporter.outcome(project, { ok: false, name: manifest.name, build }, 0, "byCommand");
      return undefined;
    }
    const client = await ensure();
    live.suspend(folder);
    await this.#remember(folder, true);
    try {
      const { deployBuilt } = await import("../../devkit/deploy.ts");
      await deployBuilt(client, project, build);
      const { information } = build;
      const hasDwarf =
        manifest.language !== "assemblyscript" && extensions.getExtension(DWARF_EXTENSION);
      const body = { name: manifest.name, source_maps: information === "lines" && !hasDwarf };
      const answer = await client.call("debugOpen", { body });
      const late = setTimeout(() => void this.end(answer.id), ATTACH_MS);
      this.#debugged.set(answer.id, { id: answer.id, project, client, late });
      return attachConfiguration(title, answer, this.#parts.extensionPath);
    } catch (error) {
      await this.#restore(folder);
      throw error;
    }
  }

  /** The debugger is there. */
  attached({ late }: DebuggedFunction): void {
    clearTimeout(late);
  }

  /** Whether a path that the debugger names belongs to the function's module. */
  isGuestSource({ project }: DebuggedFunction, path: string): boolean {
    return path.startsWith(project.folder + sep) || path.endsWith(".wat");
  }

  /** Gives limits back, and makes the function live as it is built otherwise. */
  async end(id: string): Promise<void> {
    const one = this.#debugged.get(id);
    if (!one) return;
    this.#debugged.delete(id);
    clearTimeout(one.late);
    await one.client.call("debugClose", { body: { id } }).catch((error: Error) => {
      // The runtime may have ended meanwhile, and its session with it.
      this.#parts.logs.extension.warn(`debug: ${error.message}`);
    });
    await this.#restore(one.project.folder);
  }

  /** Functions that a window left in their debug build when it was closed. */
  async restoreLeft(): Promise<void> {
    for (const folder of this.#parts.memory.get<string[]>(LEFT_KEY, [])) {
      if (!(await this.#turn(folder).isTaken())) await this.#restore(folder);
    }
  }

  dispose(): void {
    for (const { late } of this.#debugged.values()) clearTimeout(late);
  }

  async #restore(folder: string): Promise<void> {
    const { live, reporter } = this.#parts;
    live.resume(folder);
    try {
      await live.saved(folder);
      reporter.settled(folder);
    } catch (error) {
      reporter.error(folder, error, "bySave");
    }
    await this.#remember(folder, false);
    await this.#turn(folder).give();
  }

  #turn(folder: string): DebugTurn {
    return new DebugTurn(this.#parts.dataFolder(), folder);
  }

  async #remember(folder: string, debugged: boolean): Promise<void> {
    const { memory } = this.#parts;
    const others = memory.get<string[]>(LEFT_KEY, []).filter((one) => one !== folder);
    await memory.update(LEFT_KEY, debugged ? [...others, folder] : others);
  }
}
