import type { ServerResponse } from "node:http";
import type { ErrorJson, MocError } from "../protocol/errors.ts";
import type { RestError } from "../protocol/rest.ts";

/** What of an error a peer may see. */
interface ErrorDetail {
  /** Position and stack of the guest's own source, for its developer. */
  readonly guestStack: boolean;
  /** Text of the platform's own defects, which may name files of the machine. */
  readonly defects: boolean;
}

type Answer = RestError & Partial<Pick<ErrorJson, "position" | "stack">>;

/** An error as the JSON text of its answer. */
export function errorBody(error: MocError, detail: ErrorDetail): string {
  const hide = error.code === "MOC_INTERNAL" && !detail.defects;
  const answer: Answer = {
    status: false,
    code: error.code,
    message: hide
      ? "A defect of the platform ended the request; its log says more."
      : error.message,
    ...(detail.guestStack && error.position && { position: error.position }),
    ...(detail.guestStack && error.guestStack && { stack: error.guestStack }),
  };
  return JSON.stringify(answer);
}

/** Answers with an error; when the answer has begun already, breaks it off so that it shows. */
export function answerError(response: ServerResponse, error: MocError, detail: ErrorDetail): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = Buffer.from(errorBody(error, detail));
  const head = [
    "content-type",
    "application/json",
    "content-length",
    String(body.length),
    "x-content-type-options",
    "nosniff",
    ...(error.code === "MOC_UNAUTHORIZED" ? ["www-authenticate", "Bearer"] : []),
  ];
  response.writeHead(error.status, head);
  response.end(body);
}
