import type { FunctionImage } from "../../protocol/executor-messages.ts";
import { rehearsal } from "../rehearsal.ts";

const SCRIPT = `
  var moc = requireApi("core");
  function handle() {
    var output = moc.getOutputBufferId();
    moc.writeExchangeBufferHeader(output, "content-type", "text/plain");
    moc.writeExchangeBuffer(output, "rehearsed");
    return 200;
  }`;

const MODULE = `
  export default {
    async fetch(request) {
      const { method, url } = request;
      return Response.json({ method, path: new URL(url).pathname });
    },
  };`;

/** One function of each style. */
export const REHEARSALS: readonly FunctionImage[] = [SCRIPT, MODULE].map((text) =>
  rehearsal("text/javascript", "", new TextEncoder().encode(text)),
);
