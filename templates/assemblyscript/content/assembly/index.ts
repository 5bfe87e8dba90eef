import * as core from "./core";

const VISITS = utf8("{{name}}/visits");

/**
 * The start function: it has the request in the input buffer and writes the answer to the output
 * buffer. What it returns, from 100 to 599, is the http status.
 */
export function handle(): i32 {
  const headers = core.readExchangeBufferHeaders(core.getInputBufferId());
  if (headers === null) return 500;

  // The plug /{{name}}/!who binds `who`, which arrives as a header.
  const bound = "x-moc-path-param-who";
  const who = headers.has(bound) ? headers.get(bound) : "World";

  const visits = countVisit();
  if (visits === 0) return 500;

  const output = core.getOutputBufferId();
  core.writeExchangeBufferHeader(output, "content-type", "application/json");
  const answer = `{"message":${quote(`Hello, ${who}!`)},"visits":${visits}}`;
  return core.writeExchangeBuffer(output, utf8(answer)) === core.FAILURE ? 500 : 200;
}

/** The new count, which is on disk then; 0 if that failed. */
function countVisit(): i32 {
  const stored = core.persistenceGet(VISITS);
  if (stored === null) return 0;
  // Nothing is stored before the first visit.
  const before = stored.length === 0 ? 0 : I32.parseInt(String.UTF8.decode(stored.buffer));
  const written = core.persistenceSet(VISITS, utf8((before + 1).toString()));
  return written === core.FAILURE ? 0 : before + 1;
}

function utf8(text: string): Uint8Array {
  return Uint8Array.wrap(String.UTF8.encode(text));
}

/** A JSON string, with its quotes. */
function quote(text: string): string {
  let quoted = '"';
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20) quoted += "\\u" + code.toString(16).padStart(4, "0");
    else if (code === 0x22 || code === 0x5c) quoted += "\\" + text.charAt(i);
    else quoted += text.charAt(i);
  }
  return quoted + '"';
}
