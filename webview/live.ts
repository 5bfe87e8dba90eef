import type { CallReport, LogLine, PlatformEvent } from "../runtime/protocol/model.ts";
import type { SectionID } from "./sections.ts";

/** A thing that happened, as the overview tells it. */
export interface Happening {
  readonly at: number;
  readonly tone: "ok" | "info" | "warn" | "err";
  readonly subject: string;
  readonly text: string;
  readonly section: SectionID;
  readonly detail: string;
}

const CALLS_KEPT = 500;
const LINES_KEPT = 20_000;
const HAPPENINGS_KEPT = 50;

/** What arrives by the event stream, bounded; views are told at most once a frame. */
export class Live {
  readonly calls: CallReport[] = [];
  readonly happenings: Happening[] = [];
  lines: LogLine[] = [];
  /** Events that the runtime or this page had to drop. */
  dropped = 0;
  connected = false;
  /** Counts changes by topic, so that a view knows when its lists are stale. */
  readonly revisions = { functions: 0, routes: 0, kv: 0, calls: 0, lines: 0 };
  readonly #changed: () => void;
  #scheduled = false;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  setConnected(connected: boolean): void {
    this.connected = connected;
    this.#schedule();
  }

  receive(event: PlatformEvent): void {
    this.#apply(event);
    this.#schedule();
  }

  clearLines(): void {
    this.lines = [];
    this.revisions.lines++;
    this.#schedule();
  }

  #apply(event: PlatformEvent): void {
    switch (event.kind) {
      case "call":
        this.#addCall(event.report);
        return;
      case "log":
        this.lines.push(event.line);
        if (this.lines.length > LINES_KEPT * 1.2) this.lines = this.lines.slice(-LINES_KEPT);
        this.revisions.lines++;
        return;
      case "deployed":
        this.revisions.functions++;
        this.#happened(event.at, "ok", event.name, `v${event.revision} live`, "functions");
        return;
      case "undeployed":
        this.revisions.functions++;
        this.#happened(event.at, "info", event.name, "removed", "functions");
        return;
      case "limit":
        this.#happened(
          event.at,
          "err",
          event.function,
          `stopped: ${event.error.code}`,
          "functions",
        );
        return;
      case "executor":
        if (event.state !== "lost") return;
        this.#happened(event.at, "warn", event.function, "lost an executor", "functions");
        return;
      case "plugs":
      case "filters":
        this.revisions.routes++;
        return;
      case "kv":
        this.revisions.kv++;
        return;
      case "dropped":
        this.dropped += event.count;
        return;
      default:
        event satisfies never;
    }
  }

  #addCall(report: CallReport): void {
    this.calls.unshift(report);
    if (this.calls.length > CALLS_KEPT) this.calls.length = CALLS_KEPT;
    this.revisions.calls++;
    const { error } = report;
    if (!error || error.code.startsWith("MOC_LIMIT")) return;
    this.#happened(report.at, "err", report.function, error.message, "calls", String(report.id));
  }

  #happened(
    at: number,
    tone: Happening["tone"],
    subject: string,
    text: string,
    section: SectionID,
    detail = subject,
  ): void {
    this.happenings.unshift({ at, tone, subject, text, section, detail });
    if (this.happenings.length > HAPPENINGS_KEPT) this.happenings.length = HAPPENINGS_KEPT;
  }

  /** Sixty events a second must not become sixty renderings of everything. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setTimeout(() => {
      this.#scheduled = false;
      this.#changed();
    }, 250);
  }
}
