import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { commands, l10n, type Memento, Uri, window } from "vscode";
import type { BuildFailure, BuildResult } from "../devkit/builders/builder.ts";
import type { DeployOutcome } from "../devkit/deploy.ts";
import { formatDiagnostic } from "../devkit/diagnostic.ts";
import type { LiveEvent } from "../devkit/live.ts";
import { type FunctionProject, MANIFEST_FILE } from "../devkit/manifest.ts";
import { type ErrorCode, MocError } from "../runtime/protocol/errors.ts";
import { setting } from "./config.ts";
import { placeInManifest } from "./functions/place-in-manifest.ts";
import type { Logs } from "./log.ts";
import { errorDiagnostics, type Problems } from "./problems.ts";
import { setContext } from "./projects.ts";
import type { StatusBar } from "./status-bar.ts";

const QUIET_KEY = "quietBuildFailures";

interface ReporterParts {
  readonly logs: Logs;
  readonly problems: Problems;
  readonly status: StatusBar;
  readonly memory: Memento;
  /** Whether a version of the function serves. */
  readonly isDeployed: (name: string) => boolean;
  /** Which functions do not build has changed. */
  readonly onBroken: () => void;
}

/** What a deploy is refused for, when the manifest is at fault. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set([
  "MOC_CONFLICT",
  "MOC_BAD_REQUEST",
  "MOC_NAME_INVALID",
  "MOC_NOT_FOUND",
  "MOC_TOO_LARGE",
] as const);

/** Who asked for a build: after a save a failure is told once, after a command each time. */
type Asked = "bySave" | "byCommand";

/** Tells the user what became of builds and deploys: Problems, status bar, log, at most one toast. */
export class LiveReporter {
  readonly #parts: ReporterParts;
  /** Folders of which a failure was told. */
  readonly #told = new Set<string>();
  /** Names of the functions whose last build failed, by folder, the latest last. */
  readonly #broken = new Map<string, string>();
  #building = "";
  /** Failures of deploys that were asked for together, by folder. */
  #together: Map<string, { readonly name: string; readonly message: string }> | undefined;

  constructor(parts: ReporterParts) {
    this.#parts = parts;
  }

  /** Whether the last build of a function failed. */
  isBroken(name: string): boolean {
    return [...this.#broken.values()].includes(name);
  }

  /** What happened after a save. */
  event(event: LiveEvent): void {
    if (event.kind === "building") this.building(event.project);
    else if (event.kind === "deployed") {
      this.outcome(event.project, event.outcome, event.durationMs, "bySave");
      void setContext("savedLive", true);
    } else if (event.kind === "failed") this.outcome(event.project, event.outcome, 0, "bySave");
    else if (event.kind === "error") {
      void this.refused(event.folder, event.error);
      this.error(event.folder, event.error, "bySave");
    } else {
      this.#parts.logs.extension.info(`${event.name}: its moc.json is gone (${event.folder})`);
      this.#parts.problems.set(`build:${event.folder}`, []);
    }
  }

  building({ folder, manifest }: FunctionProject): void {
    this.#building = folder;
    this.#parts.status.activity(folder, l10n.t("building {0}", manifest.name));
  }

  progress(message: string): void {
    this.#parts.status.activity(this.#building, message);
  }

  /** Nothing is being done to the folder any more, whether there was something to tell or not. */
  settled(folder: string): void {
    this.#parts.status.activity(folder, undefined);
  }

  /** Several deploys asked for at once: what there is to say of them is said at the end, in one go. */
  async together(count: number, run: () => Promise<void>): Promise<void> {
    const failures = new Map<string, { readonly name: string; readonly message: string }>();
    this.#together = failures;
    try {
      await run();
    } finally {
      this.#together = undefined;
    }
    const [first] = failures.values();
    if (!first) this.#parts.status.pulse(l10n.t("{0} functions live", count));
    else if (failures.size === 1) this.#show(first.message, "byCommand");
    else {
      const names = [...failures.values()].map(({ name }) => name).join(", ");
      const message = l10n.t("{0} of {1} functions failed: {2}.", failures.size, count, names);
      this.#show(message, "byCommand");
    }
  }

  /** Functions that are not in these folders are no more. */
  retain(folders: ReadonlySet<string>): void {
    const sources = new Set([...folders].map((folder) => `build:${folder}`));
    this.#parts.problems.retain("build:", sources);
    for (const folder of [...this.#broken.keys(), ...this.#told]) {
      if (!folders.has(folder)) this.#forget(folder);
    }
  }

  /** A build ended, with a new version live or not. */
  outcome(
    project: FunctionProject,
    outcome: DeployOutcome,
    durationMs: number,
    asked: Asked,
  ): void {
    const { status, problems, logs } = this.#parts;
    const { name } = project.manifest;
    this.settled(project.folder);
    problems.set(`build:${project.folder}`, outcome.build.diagnostics);
    if (outcome.ok && outcome.problem) {
      const { code, message } = outcome.problem;
      logs.extension.error(
        `${name}: revision ${outcome.revision} cannot be loaded: ${code} ${message}`,
      );
      if (this.#broken.delete(project.folder)) this.#brokenChanged();
      const told = l10n.t(
        "{0} is deployed, but cannot be loaded: its calls fail. {1}",
        name,
        message,
      );
      this.#say(project.folder, told, asked);
      return;
    }
    if (outcome.ok) {
      this.#forget(project.folder);
      const [url] = outcome.urls;
      const took = Math.round(durationMs || outcome.build.durationMs);
      status.pulse(
        url === undefined
          ? l10n.t("{0} live ({1} ms)", name, took)
          : l10n.t("{0} live at {1} ({2} ms)", name, new URL(url).pathname, took),
      );
      logs.extension.info(
        `${name}: revision ${outcome.revision} live in ${took} ms; ${outcome.changed.join("; ") || "nothing changed"}`,
      );
      return;
    }
    this.#failed(project, outcome.build);
    const message = this.#parts.isDeployed(name)
      ? l10n.t("{0} does not build: the old version goes on serving.", name)
      : l10n.t("{0} does not build: it is not live yet.", name);
    this.#say(project.folder, message, asked);
  }

  /** A build without a deploy ended. */
  built(project: FunctionProject, build: BuildResult): void {
    const { status, problems } = this.#parts;
    const { name } = project.manifest;
    this.settled(project.folder);
    problems.set(`build:${project.folder}`, build.diagnostics);
    if (build.ok) {
      this.#forget(project.folder);
      status.pulse(l10n.t("{0} built in {1} ms", name, Math.round(build.durationMs)));
      return;
    }
    this.#failed(project, build);
    this.#say(project.folder, l10n.t("{0} does not build.", name), "byCommand");
  }

  /** The runtime did not take what was built: moc.json says what it wanted. */
  async refused(folder: string, cause: unknown): Promise<void> {
    const error = MocError.from(cause);
    if (error.position || !REFUSALS.has(error.code)) return;
    const file = join(folder, MANIFEST_FILE);
    const text = await readFile(file, "utf8").catch(() => undefined);
    // It is gone meanwhile, which is told elsewhere.
    if (text === undefined) return;
    const place = placeInManifest(text, error.message);
    const { message, code } = error;
    this.#parts.problems.set(`build:${folder}`, [
      { file, ...place, severity: "error", message, code },
    ]);
  }

  /** Something else went wrong: no compiler, no runtime, a manifest that is not valid. */
  error(folder: string, cause: unknown, asked: Asked): void {
    const error = MocError.from(cause);
    const { logs, problems } = this.#parts;
    this.settled(folder);
    if (error.code === "MOC_CANCELLED") return;
    logs.extension.error(`${folder}: ${error.code} ${error.message}`);
    // Manifests that cannot be read have their problem already.
    if (error.position && error.code !== "MOC_MANIFEST") {
      problems.set(`build:${folder}`, errorDiagnostics(error, error.position.file));
    }
    // Of a file with many mistakes the first is enough for a toast.
    this.#say(folder, error.message.split("\n", 1).join(), asked);
  }

  #failed({ folder, manifest }: FunctionProject, { diagnostics, output }: BuildFailure): void {
    const { logs } = this.#parts;
    this.#broken.delete(folder);
    this.#broken.set(folder, manifest.name);
    this.#brokenChanged();
    logs.extension.error(`${manifest.name}: build failed`);
    for (const one of diagnostics) logs.extension.error(formatDiagnostic(one));
    if (diagnostics.length === 0) logs.extension.error(output);
  }

  #forget(folder: string): void {
    this.#told.delete(folder);
    if (this.#broken.delete(folder)) this.#brokenChanged();
  }

  #brokenChanged(): void {
    this.#parts.status.update({ broken: [...this.#broken.values()].reverse() });
    this.#parts.onBroken();
  }

  #say(folder: string, message: string, asked: Asked): void {
    const known = this.#told.has(folder) || this.#parts.memory.get<boolean>(QUIET_KEY) === true;
    this.#told.add(folder);
    if (asked === "byCommand" && this.#together) {
      const name = this.#broken.get(folder) ?? basename(folder);
      this.#together.set(folder, { name, message });
      return;
    }
    // Half of what is typed does not build: that is no news.
    const isTyped = setting("deploy.trigger", Uri.file(folder)) === "onChange";
    if (asked === "bySave" && (known || isTyped)) return;
    this.#show(message, asked);
  }

  #show(message: string, asked: Asked): void {
    const { memory, logs } = this.#parts;
    const actions: Readonly<Record<string, () => unknown>> = {
      [l10n.t("Show Problems")]: () => commands.executeCommand("workbench.actions.view.problems"),
      [l10n.t("Show Log")]: () => logs.show("extension"),
      ...(asked === "bySave" && {
        [l10n.t("Don't Show Again")]: () => memory.update(QUIET_KEY, true),
      }),
    };
    void window
      .showWarningMessage(message, ...Object.keys(actions))
      .then((choice) => choice !== undefined && actions[choice]?.());
  }
}
