/** What the one status bar item says, as data. */
import type { Say } from "./say.ts";

/** What is shown of a failure; its log has all of it. */
const FAILURE_LENGTH = 400;

/** What the status bar item is made of. */
export interface StatusModel {
  readonly runtime: "stopped" | "starting" | "running" | "restarting" | "failed";
  /** Why the runtime failed. */
  readonly failure?: string;
  readonly version?: string;
  readonly port?: number;
  readonly functionCount: number;
  /** The live function that is being edited, and the first path at which it answers. */
  readonly current?: { readonly name: string; readonly path: string };
  /** Work in progress, such as a build. */
  readonly activity?: string;
  /** Shown for a few seconds. */
  readonly pulse?: string;
  /** Functions whose last build failed. */
  readonly broken: readonly string[];
  readonly trusted: boolean;
}

/** The status bar item. */
export interface StatusView {
  readonly text: string;
  /** Trusted markdown. */
  readonly tooltip: string;
  readonly command: "openDashboard" | "showRuntimeLog" | "startRuntime" | "problems" | "trust";
  readonly background?: "error" | "warning";
  /** For screen readers. */
  readonly label: string;
}

/** Text, tooltip, colour and command of the status bar item. */
export function statusView(model: StatusModel, say: Say): StatusView {
  const line = statusLine(model, say);
  return { ...line, tooltip: tooltip(model, line.label, say) };
}

function statusLine(model: StatusModel, say: Say): Omit<StatusView, "tooltip"> {
  const shown = (
    icon: string,
    text: string,
    command: StatusView["command"],
    background?: StatusView["background"],
  ): Omit<StatusView, "tooltip"> => ({
    text: `$(${icon}) ${text}`,
    label: say("My Own Cluster: {0}", text),
    command,
    ...(background && { background }),
  });
  const [broken] = model.broken;
  if (!model.trusted) return shown("shield", say("moc: restricted"), "trust");
  if (model.runtime === "failed") {
    return shown("error", say("moc: failed"), "showRuntimeLog", "error");
  }
  if (model.activity) return shown("loading~spin", model.activity, "showRuntimeLog");
  if (model.runtime === "starting") {
    return shown("loading~spin", say("moc: starting"), "showRuntimeLog");
  }
  if (model.runtime === "restarting") {
    return shown("loading~spin", say("moc: restarting"), "showRuntimeLog", "warning");
  }
  if (broken !== undefined) {
    const { length } = model.broken;
    const text = length === 1 ? say("{0}: build failed", broken) : say("{0} builds failed", length);
    return shown("warning", text, "problems", "warning");
  }
  if (model.pulse) return shown("check", model.pulse, "openDashboard");
  if (model.runtime === "stopped") return shown("circle-outline", say("moc"), "startRuntime");
  if (!model.current) return shown("zap", say("moc"), "openDashboard");
  return shown("zap", say("moc: {0}", model.current.path), "openDashboard");
}

function tooltip(model: StatusModel, label: string, say: Say): string {
  const link = (text: string, command: string): string =>
    `[${text}](command:myOwnCluster.${command})`;
  const lines = [`**${label}**`];
  if (model.runtime === "running") {
    const version = model.version ?? "?";
    lines.push(say("Version {0} on port {1}", version, model.port ?? 0));
    lines.push(say("Functions: {0}", model.functionCount));
    if (model.current) {
      lines.push(say("{0} answers at {1}", model.current.name, model.current.path));
      lines.push(
        [
          link(say("Open URL"), "openUrl"),
          link(say("Copy URL"), "copyUrl"),
          link(say("Invoke"), "invoke"),
        ].join(" · "),
      );
    }
    lines.push(
      [
        link(say("Dashboard"), "openDashboard"),
        link(say("Log"), "showRuntimeLog"),
        link(say("Restart"), "restartRuntime"),
        link(say("Stop"), "stopRuntime"),
      ].join(" · "),
    );
  } else if (model.trusted && /^(stopped|failed)$/.test(model.runtime)) {
    if (model.runtime === "failed" && model.failure) lines.push(plain(model.failure));
    lines.push(
      [link(say("Start"), "startRuntime"), link(say("Log"), "showRuntimeLog")].join(" · "),
    );
  }
  return lines.join("\n\n");
}

/** A text that is no markdown, on one line: paths and what a process said are in it. */
function plain(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").slice(0, FAILURE_LENGTH);
  return line.replaceAll(/[\\`*_{}[\]()#+!<>|~-]/g, "\\$&");
}
