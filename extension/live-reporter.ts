import { commands, l10n, type Memento, window } from "vscode";
import type { BuildResult } from "../devkit/builders/builder.ts";
import type { DeployOutcome } from "../devkit/deploy.ts";
import { formatDiagnostic } from "../devkit/diagnostic.ts";
import type { FunctionProject } from "../devkit/manifest.ts";
import type { LiveEvent } from "../devkit/watch.ts";
import { MocError } from "../runtime/protocol/errors.ts";
import type { Logs } from "./log.ts";
import { errorDiagnostic, type Problems } from "./problems.ts";
import { setContext } from "./projects.ts";
import type { StatusBar } from "./status-bar.ts";

const QUIET_KEY = "quietBuildFailures";

export interface ReporterParts {
  readonly logs: Logs;
  readonly problems: Problems;
  readonly status: StatusBar;
  readonly memory: Memento;
}

/** Tells the user what became of builds and deploys: Problems, status bar, log, at most one toast. */
export class LiveReporter {
  readonly #parts: ReporterParts;
  readonly #failing = new Set<string>();

  constructor(parts: ReporterParts) {
    this.#parts = parts;
  }

  /** What happened after a save. */
  event(event: LiveEvent): void {
    if (event.kind === "building") this.building(event.project);
    else if (event.kind === "deployed") {
      this.outcome(event.project, event.outcome, event.durationMs);
      void setContext("savedLive", true);
    } else if (event.kind === "failed") this.outcome(event.project, event.outcome, 0);
    else if (event.kind === "error") this.error(event.folder, event.error);
    else {
      this.#parts.logs.extension.info(`${event.name}: its moc.json is gone (${event.folder})`);
      this.#parts.problems.set(`build:${event.folder}`, []);
    }
  }

  building(project: FunctionProject): void {
    this.#parts.status.activity(l10n.t("building {0}", project.manifest.name));
  }

  progress(message: string): void {
    this.#parts.status.activity(message);
  }

  /** A build ended, with a new version live or not. */
  outcome(project: FunctionProject, outcome: DeployOutcome, durationMs: number): void {
    const { status, problems, logs } = this.#parts;
    const { name } = project.manifest;
    status.activity(undefined);
    problems.set(`build:${project.folder}`, outcome.build.diagnostics);
    status.broken(name, !outcome.ok);
    if (outcome.ok) {
      this.#failing.delete(name);
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
    logs.extension.error(`${name}: build failed`);
    for (const one of outcome.build.diagnostics) logs.extension.error(formatDiagnostic(one));
    if (outcome.build.diagnostics.length === 0) logs.extension.error(outcome.build.output);
    void this.#sayOnce(name, l10n.t("{0} does not build: the old version goes on serving.", name));
  }

  /** A build without a deploy ended. */
  built(project: FunctionProject, build: BuildResult): void {
    const { status, problems } = this.#parts;
    const { name } = project.manifest;
    status.activity(undefined);
    problems.set(`build:${project.folder}`, build.diagnostics);
    status.broken(name, !build.ok);
    if (build.ok) {
      this.#failing.delete(name);
      status.pulse(l10n.t("{0} built in {1} ms", name, Math.round(build.durationMs)));
    } else {
      void this.#sayOnce(name, l10n.t("{0} does not build.", name));
    }
  }

  /** Something else went wrong: no compiler, no runtime, a manifest that is not valid. */
  error(folder: string, cause: unknown): void {
    const error = MocError.from(cause);
    const { status, logs, problems } = this.#parts;
    status.activity(undefined);
    if (error.code === "MOC_CANCELLED") return;
    logs.extension.error(`${folder}: ${error.code} ${error.message}`);
    if (error.position) {
      problems.set(`build:${folder}`, [errorDiagnostic(error, error.position.file)]);
    }
    void this.#sayOnce(folder, error.message);
  }

  /** A manifest of the folder can be read again. */
  healed(folder: string): void {
    this.#failing.delete(folder);
  }

  async #sayOnce(key: string, message: string): Promise<void> {
    if (this.#failing.has(key)) return;
    this.#failing.add(key);
    if (this.#parts.memory.get<boolean>(QUIET_KEY)) return;
    const problems = l10n.t("Show Problems");
    const log = l10n.t("Show Log");
    const never = l10n.t("Don't Show Again");
    const choice = await window.showWarningMessage(message, problems, log, never);
    if (choice === problems) await commands.executeCommand("workbench.actions.view.problems");
    if (choice === log) this.#parts.logs.show("extension");
    if (choice === never) await this.#parts.memory.update(QUIET_KEY, true);
  }
}
