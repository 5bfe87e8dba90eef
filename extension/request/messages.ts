/** Messages between the request editor's page and the extension, both ways; checked on arrival. */

import { isObject } from "../../runtime/protocol/is-object.ts";
import { BODY_KINDS, type Pairs, REQUEST_KINDS, type RequestForm } from "./form.ts";

/** An answer as the page shows it. */
export interface ResponseView {
  readonly target: string;
  readonly status: number;
  readonly headers: Pairs;
  /** Empty also when a large body was not kept. */
  readonly bodyBase64: string;
  readonly bodyLength: number;
  readonly result?: number;
  /** As the editor saw it, in ms. */
  readonly durationMs: number;
  readonly callId?: number;
  readonly spans: readonly {
    readonly name: string;
    readonly kind: string;
    readonly start: number;
    readonly duration: number;
  }[];
  readonly guestMs?: number;
  readonly queueMs?: number;
  readonly memoryBytes?: number;
  readonly error?: string;
  /** Where in the user's source it failed. */
  readonly position?: { readonly file: string; readonly line: number; readonly column?: number };
  readonly logs: readonly { readonly level: string; readonly text: string }[];
  readonly failures: readonly string[];
}

/** A recent call, for the list. */
export interface HistoryEntry {
  readonly id: number;
  readonly at: number;
  readonly title: string;
  readonly status: number;
  readonly durationMs: number;
}

/** All that the request page shows. */
export interface PageState {
  readonly function: string;
  readonly form: RequestForm;
  /** Changes when the form was filled by the extension; else what the page has is newer. */
  readonly formVersion: number;
  readonly samples: readonly { readonly file: string; readonly name: string }[];
  readonly sample?: string;
  /** The form says something else than the sample. */
  readonly edited: boolean;
  readonly plugs: readonly { readonly method: string; readonly path: string }[];
  readonly canSave: boolean;
  /** There is an answer before the shown one. */
  readonly canCompare: boolean;
  readonly history: readonly HistoryEntry[];
  readonly response?: ResponseView;
  readonly busy: boolean;
  readonly problem?: string;
  /** Texts in the editor's language. */
  readonly strings: Readonly<Record<string, string>>;
}

/** What the extension says to the page. */
export type ToPage = { readonly kind: "state"; readonly state: PageState };

/** What the page says to the extension. */
export type FromPage =
  | { readonly kind: "ready" }
  | { readonly kind: "changed" | "send" | "saveSample" | "copyCurl"; readonly form: RequestForm }
  | {
      readonly kind: "cancel" | "saveBody" | "compare" | "openBody" | "openPosition" | "chooseFile";
    }
  | { readonly kind: "useSample"; readonly file: string }
  | { readonly kind: "useHistory"; readonly id: number };

/** The message of a page, or undefined when it is none of ours. */
export function parseFromPage(message: unknown): FromPage | undefined {
  if (!isObject(message)) return undefined;
  const { kind } = message;
  switch (kind) {
    case "ready":
    case "cancel":
    case "saveBody":
    case "compare":
    case "openBody":
    case "openPosition":
    case "chooseFile":
      return { kind };
    case "changed":
    case "send":
    case "saveSample":
    case "copyCurl": {
      const form = parseForm(message.form);
      return form && { kind, form };
    }
    case "useSample":
      return typeof message.file === "string" ? { kind, file: message.file } : undefined;
    case "useHistory":
      return typeof message.id === "number" ? { kind, id: message.id } : undefined;
    default:
      return undefined;
  }
}

/** A form from a page or from kept state, or undefined when it does not have the form of one. */
export function parseForm(value: unknown): RequestForm | undefined {
  if (!isObject(value)) return undefined;
  const kind = REQUEST_KINDS.find((one) => one === value.kind);
  const bodyKind = BODY_KINDS.find((one) => one === value.bodyKind);
  const query = parsePairs(value.query);
  const headers = parsePairs(value.headers);
  const texts = ["method", "path", "body", "startFunction", "arguments", "posixArguments"] as const;
  if (!kind || !bodyKind || !query || !headers) return undefined;
  if (texts.some((name) => typeof value[name] !== "string")) return undefined;
  const params = value.pathParams;
  if (!isObject(params) || Object.values(params).some((one) => typeof one !== "string")) {
    return undefined;
  }
  const strings = Object.fromEntries(texts.map((name) => [name, String(value[name])]));
  // Each field was looked at above.
  return {
    ...strings,
    kind,
    bodyKind,
    query,
    headers,
    pathParams: params,
  } as unknown as RequestForm;
}

function parsePairs(value: unknown): Pairs | undefined {
  if (!Array.isArray(value)) return undefined;
  const valid = value.every(
    (pair: unknown) =>
      Array.isArray(pair) && pair.length === 2 && pair.every((one) => typeof one === "string"),
  );
  return valid ? (value as Pairs) : undefined;
}
