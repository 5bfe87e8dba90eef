import { ERRORS, type ErrorCode, type MocError } from "../../protocol/errors.ts";
import type { RestError } from "../../protocol/rest.ts";
import { core } from "./apis.ts";

const LOG_ERROR = 3;

/** Sets headers of the answer. */
export function setHeaders(headers: { readonly [name: string]: string }): void {
  const output = core.getOutputBufferId();
  for (const [name, value] of Object.entries(headers)) {
    core.writeExchangeBufferHeader(output, name, value);
  }
}

/** Answers with JSON text. */
export function answerJson(json: string, status = 200): number {
  const output = core.getOutputBufferId();
  setHeaders({ "content-type": "application/json", "cache-control": "no-store" });
  core.writeExchangeBufferStatusCode(output, status);
  core.writeExchangeBuffer(output, json);
  return status;
}

/** Answers with what went wrong, in the one form that all failed calls have. */
export function answerError(error: unknown): number {
  const { code, message } = describe(error);
  const answer: RestError = { status: false, code, message };
  return answerJson(JSON.stringify(answer), ERRORS[code].status);
}

/** Whether the request itself was at fault, so that nothing of an answer was sent. */
export function isRefusal(error: unknown): boolean {
  return ERRORS[describe(error).code].fault === "user";
}

function describe(error: unknown): { readonly code: ErrorCode; readonly message: string } {
  // Ours, or what a function of the guest API failed with: an error with the platform's code.
  const { code, message } = error as Partial<MocError>;
  if (code !== undefined && code in ERRORS) return { code, message: message ?? code };
  const text = error instanceof Error ? error.message : String(error);
  core.log(LOG_ERROR, error instanceof Error ? `${text}\n${error.stack ?? ""}` : text);
  return { code: "MOC_INTERNAL", message: text };
}
