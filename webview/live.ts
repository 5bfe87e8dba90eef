import type { CallReport, LogLine, PlatformEvent } from "../runtime/protocol/model.ts";
import type { FunctionSummary } from "../runtime/protocol/rest.ts";
import type { SectionID } from "./sections.ts";

/** A thing that happened, as the overview tells it. */
interface Happening {
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
  /** Newest first; those of the platform's own functions apart. */
  readonly calls: CallReport[] = [];
  readonly systemCalls: CallReport[] = [];
  readonly happenings: Happening[] = [];
  lines: LogLine[] = [];
  /** Events that the runtime or this page had to drop. */
  dropped = 0;
  connected = false;
  /** Counts changes by topic, so that a view knows when its lists are stale. */
  readonly revisions = { functions: 0, plugs: 0, kv: 0, calls: 0, lines: 0 };
  readonly #changed: () => void;
  readonly #isSystem: (functionName: string) => boolean;
  #scheduled = false;

  constructor(changed: () => void, isSystem: (functionName: string) => boolean) {
    this.#changed = changed;
    this.#isSystem = isSystem;
  }

  /** What happened before this page was opened. */
  recall(functions: readonly FunctionSummary[], failed: readonly CallReport[]): void {
    const known = new Set(this.happenings.map(happeningKey));
    const past: Happening[] = [
      ...functions.map((one) => deployed(one.deployedAt, one.name, one.revision)),
      ...failed.flatMap((report) => failureOf(report) ?? []),
    ];
    const fresh = past.filter((one) => !known.has(happeningKey(one)));
    const all = [...this.happenings, ...fresh].sort((a, b) => b.at - a.at);
    this.happenings.splice(0, this.happenings.length, ...all.slice(0, HAPPENINGS_KEPT));
    this.#schedule();
  }

  setConnected(connected: boolean): void {
    this.connected = connected;
    this.#schedule();
  }

  receive(event: PlatformEvent): void {
    this.#apply(event);
    this.#schedule();
  }

  /** Another process answers now: it counts calls and lines anew, and knows nothing of the old ones. */
  restarted(at: number): void {
    this.calls.length = 0;
    this.systemCalls.length = 0;
    this.lines = [];
    // Their calls are gone, and their numbers will be those of others.
    const past = this.happenings.filter((one) => one.section !== "calls");
    this.happenings.splice(0, this.happenings.length, ...past);
    this.#happened({
      at,
      tone: "warn",
      subject: "runtime",
      text: "started anew",
      section: "overview",
      detail: "",
    });
    this.missedSome();
  }

  /** The stream was cut off for a while: whatever views show may be stale. */
  missedSome(): void {
    for (const topic of ["functions", "plugs", "kv", "calls", "lines"] as const) {
      this.revisions[topic]++;
    }
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
        this.#happened(deployed(event.at, event.name, event.revision));
        return;
      case "undeployed":
        this.revisions.functions++;
        this.#happened({ ...aboutFunction(event.at, event.name), tone: "info", text: "removed" });
        return;
      case "executor":
        if (event.state !== "lost") return;
        this.#happened({
          ...aboutFunction(event.at, event.function),
          tone: "warn",
          text: "lost an executor",
        });
        return;
      case "plugs":
      case "filters":
        this.revisions.plugs++;
        return;
      case "kv":
        this.revisions.kv++;
        return;
      case "dropped":
        this.dropped += event.count;
        return;
      case "limit":
        // The report of the call that was stopped says the same, with its number.
        return;
      default:
        event satisfies never;
    }
  }

  #addCall(report: CallReport): void {
    const list = this.#isSystem(report.function) ? this.systemCalls : this.calls;
    list.unshift(report);
    if (list.length > CALLS_KEPT) list.length = CALLS_KEPT;
    this.revisions.calls++;
    const failed = failureOf(report);
    if (failed) this.#happened(failed);
  }

  #happened(happening: Happening): void {
    this.happenings.unshift(happening);
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

function aboutFunction(at: number, subject: string) {
  return { at, subject, section: "functions", detail: subject } as const;
}

function deployed(at: number, name: string, revision: number): Happening {
  return { ...aboutFunction(at, name), tone: "ok", text: `v${revision} live` };
}

/** A call that failed, or was stopped at a limit. */
function failureOf(report: CallReport): Happening | undefined {
  const { error, at, id } = report;
  // A caller that went away is no failure of the function.
  if (!error || error.code === "MOC_CANCELLED") return undefined;
  const limit = error.code.startsWith("MOC_LIMIT");
  return {
    at,
    tone: "err",
    subject: report.function,
    text: limit ? `stopped: ${error.message}` : error.message,
    section: "calls",
    detail: String(id),
  };
}

function happeningKey(one: Happening): string {
  return `${one.section} ${one.detail} ${one.text}`;
}
