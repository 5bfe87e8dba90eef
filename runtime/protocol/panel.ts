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

/** An archive that the user chose, still unread. */
export interface PanelArchive {
  readonly name: string;
  /** In bytes. */
  readonly size: number;
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
  /** Answered by the file's path; null when the user changed their mind. */
  | {
      readonly id: number;
      readonly method: "saveSample";
      readonly function: string;
      readonly sample: object;
    }
  /** Answered by the number of bytes written, or null; tells its progress. */
  | { readonly id: number; readonly method: "exportBackup"; readonly name: string }
  /** Answered by a PanelArchive, or null. */
  | { readonly id: number; readonly method: "chooseArchive" }
  /** Replaces everything by the archive that was chosen last; answered by the number of entries; tells its progress. */
  | { readonly id: number; readonly method: "restore" }
  | { readonly method: "openSource"; readonly function: string }
  | { readonly method: "save"; readonly name: string; readonly bytes: Uint8Array }
  /** The page is there and wants events from now on. */
  | { readonly method: "ready" };

/** To the page. */
export type ToPanel =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: ErrorJson }
  /** How far the request is, in bytes. */
  | {
      readonly kind: "progress";
      readonly id: number;
      readonly done: number;
      readonly total?: number;
    }
  | { readonly kind: "events"; readonly events: readonly PlatformEvent[] }
  | { readonly kind: "connected"; readonly connected: boolean };
