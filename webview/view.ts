import type { TemplateResult } from "lit";
import type { Status } from "../runtime/protocol/rest.ts";
import type { FunctionCatalogue } from "./function-catalogue.ts";
import type { Live } from "./live.ts";
import type { Place } from "./sections.ts";
import type { Transport } from "./transport/transport.ts";

/** What the application gives to its views. */
export interface App {
  readonly transport: Transport;
  readonly live: Live;
  readonly functions: FunctionCatalogue;
  /** Refreshed every few seconds; undefined until the first answer. */
  readonly status: Status | undefined;
  go(place: Place): void;
  /** Something of the view changed: render it. */
  invalidate(): void;
  /** Says something to the user, politely also to screen readers. */
  tell(text: string, tone?: "info" | "err"): void;
  /** Asks before something is lost. */
  confirm(question: string, action: string): Promise<boolean>;
  /** Kept over a reload of the page, per key. */
  load<T>(key: string, byDefault: T): T;
  keep(key: string, value: unknown): void;
}

/** One section of the dashboard. Made once; keeps its state while the user is elsewhere. */
export interface View {
  /** The user came here, or what it shows of the section changed. */
  enter(detail: string): void;
  /** Something arrived by the event stream. */
  liveChanged?(): void;
  /** The user went elsewhere. */
  leave?(): void;
  render(): TemplateResult;
}

/** Makes a view when it is first shown. */
export type MakeView = (app: App) => View;

/** Whether what is shown follows the runtime, in a word. */
export function liveness({ live }: App): string {
  return live.connected ? "live" : "not connected";
}
