/// <reference path="./core-api-guest.d.ts" />
const core = requireApi("core");

/** Headers that concern one connection (RFC 9110 section 7.6.1), or that the new request has itself. */
const NOT_FORWARDED = [
  "connection",
  "content-length",
  "host",
  "keep-alive",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/**
 * Start function. The plug's data says where to: `{"backend": "http://…"}` or `ws://…`. What the
 * plug's `*path` binds, and the query, are appended. Bodies and messages are streamed both ways.
 */
function invoke() {
  const input = core.getInputBufferId();
  const headers = core.readExchangeBufferHeaders(input);
  try {
    const url = backendUrl(headers);
    if (core.isTrace()) console.log(`${headers["x-moc-method"]} ${url}`);
    const specification = {
      method: headers["x-moc-method"],
      url,
      headers: forwarded(headers),
      inputBufferId: input,
      outputBufferId: core.getOutputBufferId(),
    };
    core.betaWebProxy(JSON.stringify(specification));
  } catch (error) {
    console.error(`the backend does not answer: ${error}`);
    const output = core.getOutputBufferId();
    core.writeExchangeBufferHeader(output, "content-type", "application/json");
    core.writeExchangeBufferStatusCode(output, 502);
    core.writeExchangeBuffer(output, JSON.stringify({ error: "the backend does not answer" }));
  }
}

/** @param {Record<string, string>} headers */
function backendUrl(headers) {
  const { backend } = JSON.parse(headers["x-moc-plug-data"]);
  const path = headers["x-moc-path-param-path"];
  const query = headers["x-moc-url-query"];
  return backend + (path ? `/${path}` : "") + (query ? `?${query}` : "");
}

/** @param {Record<string, string>} headers */
function forwarded(headers) {
  const entries = Object.entries(headers).filter(
    ([name]) =>
      !name.startsWith("x-moc-") &&
      !name.startsWith("sec-websocket-") &&
      !NOT_FORWARDED.includes(name),
  );
  entries.push(["x-forwarded-for", headers["x-moc-remote-addr"]]);
  entries.push(["x-forwarded-host", headers["x-moc-host"]]);
  return Object.fromEntries(entries);
}
