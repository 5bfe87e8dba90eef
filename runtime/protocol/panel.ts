/** Messages between the dashboard's page in the editor and the extension that relays them. */
import type { ErrorJson } from "./errors.ts";
import type { PlatformEvent } from "./model.ts";
import type { RestName } from "./rest.ts";

/** A request to a function by its URL. */
export interface PanelFunctionRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/** From the page. Those with an id are answered by a message with the same id. */
export type FromPanel =
  | {
      readonly id: number;
      readonly method: "rest";
      readonly name: RestName;
      readonly request?: unknown;
    }
  | {
      readonly id: number;
      readonly method: "bytes";
      readonly name: RestName;
      readonly request?: unknown;
    }
  | { readonly id: number; readonly method: "invoke"; readonly request: PanelFunctionRequest }
  | { readonly method: "openSource"; readonly function: string }
  | { readonly method: "save"; readonly name: string; readonly bytes: Uint8Array }
  /** The page is there and wants events from now on. */
  | { readonly method: "ready" };

/** To the page. */
export type ToPanel =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: ErrorJson }
  | { readonly kind: "events"; readonly events: readonly PlatformEvent[] }
  | { readonly kind: "connected"; readonly connected: boolean };
