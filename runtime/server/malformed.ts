import type { Socket } from "node:net";
import { MocError } from "../protocol/errors.ts";
import { rawError } from "./raw-answer.ts";

/** Answers what is not http, or too much of it, and ends its connection. */
export function refuseMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  socket.end(refusalOf(error), () => socket.destroy());
}

/** Whether a TLS handshake failed because plain http was spoken. */
export function isPlainHttp(error: NodeJS.ErrnoException): boolean {
  return error.code === "ERR_SSL_HTTP_REQUEST";
}

/**
 * Tells who speaks plain http on the https port to write https: TLS itself refuses without a word.
 * @param connection the connection below TLS, on which nothing was sent yet
 */
export function refusePlainHttp(connection: Socket): void {
  const port = connection.localPort;
  const message = `Port ${port} speaks https: write https:// in the address instead of http://.`;
  const answer = rawError(400, new MocError("MOC_BAD_REQUEST", message));
  connection.end(answer, () => connection.destroy());
}

function refusalOf(error: NodeJS.ErrnoException): Uint8Array {
  if (error.code === "HPE_HEADER_OVERFLOW") {
    return rawError(431, new MocError("MOC_TOO_LARGE", "The request's headers are too large."));
  }
  if (error.code === "ERR_HTTP_REQUEST_TIMEOUT") {
    const message = "The request's headers did not come in time.";
    return rawError(408, new MocError("MOC_BAD_REQUEST", message));
  }
  return rawError(400, new MocError("MOC_BAD_REQUEST", "The request is not valid http/1.1."));
}
