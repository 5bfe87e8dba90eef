import type { IncomingMessage } from "node:http";
import { MocError } from "../protocol/errors.ts";
import type { Plug } from "../protocol/model.ts";

/** Tag of a plug whose websocket pages of other origins may open: `"websocket-origin": "any"`. */
const TAG = "websocket-origin";

/**
 * Browsers let any page open a websocket to any server; this stops them, since the user's cookies
 * would come along. Programs send no Origin.
 * @throws MOC_FORBIDDEN
 * @see RFC 6455 section 10.2
 */
export function checkPageOrigin(request: IncomingMessage, plug: Plug): void {
  const { origin, host = "" } = request.headers;
  if (origin === undefined || plug.tags[TAG] === "any") return;
  const from = /^https?:\/\/(.+)$/i.exec(origin)?.[1];
  if (from?.toLowerCase() === host.toLowerCase()) return;
  throw new MocError(
    "MOC_FORBIDDEN",
    `A page of ${origin} may not open this websocket; tag the plug "${TAG}": "any" to let it.`,
  );
}
