import { html, nothing, type TemplateResult } from "lit";
import { MocError } from "../../runtime/protocol/errors.ts";
import type { LogLevel, LogLine } from "../../runtime/protocol/model.ts";
import { formatCount, formatDateTime } from "../format.ts";
import { empty } from "../loading.ts";
import { button, dropdown, textField } from "../toolkit.ts";
import { type App, liveness, type View } from "../view.ts";
import { logLine, RUNTIME } from "../widgets/log-line.ts";
import { virtualList } from "../widgets/virtual-list.ts";

const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];
const ROW_HEIGHT = 18;

/** The log of everything, live; a flood stays fluid since only the visible rows exist. */
export class Logs implements View {
  readonly #app: App;
  #function = "";
  #level: LogLevel = "debug";
  #text = "";
  /** Lines shown while paused; undefined: live. */
  #paused: readonly LogLine[] | undefined;
  #backlog: readonly LogLine[] = [];

  constructor(app: App) {
    this.#app = app;
    this.#level = app.load<LogLevel>("logs.level", "debug");
  }

  enter(detail: string): void {
    this.#function = detail;
    void this.#loadBacklog();
  }

  render(): TemplateResult {
    // A row for each line of a text: what is counted is what is seen.
    const rows = this.#lines().flatMap(rowsOf);
    return html`<h1>
        Logs
        <small
          >${this.#paused ? "paused" : liveness(this.#app)} · ${formatCount(rows.length)} ${rows.length === 1 ? "line" : "lines"}${
            this.#app.live.dropped > 0
              ? ` · ${formatCount(this.#app.live.dropped)} events dropped`
              : nothing
          }</small
        >
      </h1>
      <div class="toolbar">
        ${this.#controls()}
        <span class="grow"></span>
        ${button(this.#paused ? "Resume" : "Pause", {
          secondary: true,
          onClick: () => {
            this.#paused = this.#paused ? undefined : this.#all();
            this.#app.invalidate();
          },
        })}
        ${button("Copy", { secondary: true, onClick: () => void this.#copy() })}
        ${button("Clear", {
          secondary: true,
          onClick: () => {
            this.#backlog = [];
            if (this.#paused) this.#paused = [];
            this.#app.live.clearLines();
          },
        })}
      </div>
      ${
        rows.length === 0
          ? this.#nothing()
          : virtualList({
              items: rows,
              rowHeight: ROW_HEIGHT,
              follow: this.#paused === undefined,
              label: "Log lines",
              row: (line) => logLine(line, true),
            })
      }`;
  }

  #controls(): TemplateResult {
    const update = (change: () => void) => {
      change();
      this.#app.invalidate();
    };
    return html`${dropdown({
      label: "Level and above",
      value: this.#level,
      choices: LEVELS.map((level) => [level, level]),
      onChange: (value) =>
        update(() => {
          this.#level = value as LogLevel;
          this.#app.keep("logs.level", value);
        }),
    })}
    ${textField({
      label: "Function",
      bare: true,
      placeholder: "Function",
      value: this.#function,
      onInput: (value) => update(() => (this.#function = value)),
    })}
    ${textField({
      label: "Text",
      bare: true,
      placeholder: "Text",
      value: this.#text,
      onInput: (value) => update(() => (this.#text = value)),
    })}`;
  }

  #nothing(): TemplateResult {
    return this.#function === "" && this.#text === "" && this.#level === "debug"
      ? empty("Nothing logged.", "Lines that functions write appear here at once.")
      : empty("No line fits the filters.", "");
  }

  /** Those that the filters let through, of what is shown now. */
  #lines(): readonly LogLine[] {
    const lowest = LEVELS.indexOf(this.#level);
    const wanted = this.#text.toLowerCase();
    return (this.#paused ?? this.#all()).filter(
      (line) =>
        LEVELS.indexOf(line.level) >= lowest &&
        (this.#function === "" || (line.function || RUNTIME).includes(this.#function)) &&
        (wanted === "" || line.text.toLowerCase().includes(wanted)),
    );
  }

  /** What was there before, and what came since. A gap between them is filled from the backlog. */
  #all(): readonly LogLine[] {
    const { lines } = this.#app.live;
    if (this.#backlog.length === 0) return lines;
    const known = new Set(lines.map((line) => line.seq));
    const missing = this.#backlog.filter((line) => !known.has(line.seq));
    if (missing.length === 0) return lines;
    return [...missing, ...lines].sort((a, b) => a.seq - b.seq);
  }

  async #loadBacklog(): Promise<void> {
    try {
      const { lines } = await this.#app.transport.call("logs", { query: { limit: 1000 } });
      this.#backlog = lines;
    } catch (thrown) {
      this.#app.tell(MocError.from(thrown).message, "err");
    }
    this.#app.invalidate();
  }

  async #copy(): Promise<void> {
    const text = this.#lines()
      .map((line) => `${formatDateTime(line.at)} ${line.level} ${line.function} ${line.text}`)
      .join("\n");
    await navigator.clipboard.writeText(text);
    this.#app.tell("Copied.");
  }
}

/** A row for each line of its text: rows are all of one height. */
function rowsOf(line: LogLine): LogLine | LogLine[] {
  if (!line.text.includes("\n")) return line;
  return line.text.split("\n").map((text) => ({ ...line, text }));
}
