/// <reference path="./core-api-guest.d.ts" />
const core = requireApi("core");

const VISITS = "{{name}}/visits";

/** The start function. What it returns, from 100 to 599, is the http status. */
function handle() {
  const headers = core.readExchangeBufferHeaders(core.getInputBufferId());

  // The plug /{{name}}/!who binds `who`, which arrives as a header.
  const who = headers["x-moc-path-param-who"] || "World";

  // Calls to the host block until they are done.
  const visits = count(VISITS);

  const output = core.getOutputBufferId();
  core.writeExchangeBufferHeader(output, "content-type", "application/json");
  core.writeExchangeBuffer(output, JSON.stringify({ message: `Hello, ${who}!`, visits }));
  return 200;
}

/** @param {string} key */
function count(key) {
  const stored = core.persistenceGet(key);
  const number = (stored ? Number(new TextDecoder().decode(stored)) : 0) + 1;
  core.persistenceSet(key, String(number));
  return number;
}
