/// <reference path="./core-api-guest.d.ts" />
const core = requireApi("core");

const FUNCTION = "api-tests";
const BLOB = "api-tests-blob";
const PATH = "/api-tests/plugged";
/** Nothing that the outbound policy allows. */
const FORBIDDEN_URL = "http://127.0.0.1:9/";

/** Start function: runs all tests, and answers "ok" or "KO …" for each function of module core. */
function run() {
  /** @type {Record<string, string>} */
  const results = {};
  for (const [name, test] of Object.entries(TESTS)) {
    try {
      test();
      results[name] = "ok";
    } catch (error) {
      results[name] = `KO ${error}`;
    }
  }
  const failed = Object.values(results).filter((result) => result !== "ok").length;
  const output = core.getOutputBufferId();
  core.writeExchangeBufferHeader(output, "content-type", "application/json");
  core.writeExchangeBuffer(output, JSON.stringify({ failed, results }, null, 2));
  return 200;
}

/** Start function that the tests of calls use: answers what it is given. */
function echo() {
  const output = core.getOutputBufferId();
  core.writeExchangeBufferStatusCode(output, 201);
  core.writeExchangeBufferHeader(output, "x-echo", "yes");
  core.writeExchangeBuffer(output, core.readExchangeBuffer(core.getInputBufferId()) || "");
  return 7;
}

/** Start function that the test of filters uses: it lets every request pass. */
function pass() {
  return 0;
}

/** @type {Record<string, () => void>} */
const TESTS = {
  getInputBufferId: () => check(core.getInputBufferId() > 0),
  getOutputBufferId: () => check(core.getOutputBufferId() > 0),
  createExchangeBuffer() {
    withBuffer("", (first) => withBuffer("", (second) => check(first !== second)));
  },
  writeExchangeBuffer() {
    withBuffer("", (id) => {
      equal(core.writeExchangeBuffer(id, Uint8Array.of(1, 2, 3)), 3);
      equal(core.writeExchangeBuffer(id, "é"), 2);
      equal(bytesOf(core.readExchangeBuffer(id)), "1,2,3,195,169");
    });
  },
  writeExchangeBufferHeader() {
    withBuffer("", (id) => {
      core.writeExchangeBufferHeader(id, "X-Name", "first");
      core.writeExchangeBufferHeader(id, "x-name", "second");
      equal(core.readExchangeBufferHeaders(id)["x-name"], "second");
    });
  },
  writeExchangeBufferStatusCode() {
    withBuffer("", (id) => {
      core.writeExchangeBufferStatusCode(id, 404);
      equal(core.readExchangeBufferStatusCode(id), 404);
    });
  },
  readExchangeBuffer() {
    withBuffer("stays", (id) => {
      equal(textOf(core.readExchangeBuffer(id)), "stays");
      equal(textOf(core.readExchangeBuffer(id)), "stays");
    });
  },
  readExchangeBufferHeaders() {
    const headers = core.readExchangeBufferHeaders(core.getInputBufferId());
    equal(typeof headers, "object");
  },
  readExchangeBufferStatusCode: () =>
    withBuffer("", (id) => equal(core.readExchangeBufferStatusCode(id), 0)),
  getExchangeBufferSize: () => withBuffer("12345", (id) => equal(core.getExchangeBufferSize(id), 5)),
  getBufferHeaders() {
    withBuffer("", (id) => {
      core.writeExchangeBufferHeader(id, "a", "b");
      equal(core.getBufferHeaders(id).a, "b");
    });
  },
  readExchangeBufferPart() {
    withBuffer("abcdef", (id) => {
      const part = new Uint8Array(4);
      equal(core.readExchangeBufferPart(id, part), 4);
      equal(textOf(part), "abcd");
      equal(core.readExchangeBufferPart(id, part), 2);
      equal(textOf(part.subarray(0, 2)), "ef");
      equal(core.readExchangeBufferPart(id, part), 0);
    });
  },
  closeExchangeBuffer() {
    withBuffer("", (id) => {
      core.closeExchangeBuffer(id);
      fails(() => core.writeExchangeBuffer(id, "too late"));
    });
  },
  freeBuffer() {
    const id = core.createExchangeBuffer();
    core.freeBuffer(id);
    // As in the original, which answers nothing for a buffer that does not exist.
    equal(core.readExchangeBuffer(id), undefined);
  },
  base64Encode: () => equal(core.base64Encode("any carnal pleas"), "YW55IGNhcm5hbCBwbGVhcw=="),
  base64Decode() {
    equal(textOf(core.base64Decode("YW55IGNhcm5hbCBwbGVhcw==")), "any carnal pleas");
    fails(() => core.base64Decode("***"), "MOC_BAD_REQUEST");
  },
  registerBlob: () => check(isTechID(core.registerBlob("text/plain", "a blob without a name"))),
  registerBlobWithName() {
    const techID = core.registerBlobWithName(BLOB, "text/plain", "a blob");
    equal(core.getBlobTechIdFromName(BLOB), techID);
  },
  getBlobTechIdFromName: () => check(isTechID(core.getBlobTechIdFromName(FUNCTION))),
  getBlobBytesAsString() {
    const techID = core.registerBlobWithName(BLOB, "text/plain", "a blob");
    equal(core.getBlobBytesAsString(BLOB), "a blob");
    equal(core.getBlobBytesAsString(`techID://${techID}`), "a blob");
  },
  plugFunction() {
    core.plugFunction("get", PATH, FUNCTION, "echo", "data", JSON.stringify({ made: "by a test" }));
    check(core.getStatus().includes(PATH));
    core.unplugPath("get", PATH);
  },
  plugFile() {
    core.registerBlobWithName(BLOB, "text/plain", "a blob");
    core.plugFile("get", PATH, BLOB, "{}");
    check(core.getStatus().includes(PATH));
    core.unplugPath("get", PATH);
  },
  unplugPath() {
    core.plugFunction("get", PATH, FUNCTION, "echo", "", "{}");
    core.unplugPath("get", PATH);
    check(!core.getStatus().includes(PATH));
  },
  plugFilter() {
    const id = core.plugFilter(FUNCTION, "pass", "");
    check(core.getStatus().includes(id));
    core.unplugFilter(id);
  },
  unplugFilter() {
    const id = core.plugFilter(FUNCTION, "pass", "");
    core.unplugFilter(id);
    check(!core.getStatus().includes(id));
  },
  getStatus: () => equal(typeof JSON.parse(core.getStatus()), "object"),
  exportDatabase() {
    const database = JSON.parse(textOf(core.exportDatabase()));
    check(Object.keys(database).length > 0);
  },
  persistenceSet() {
    core.persistenceSet("api-tests/set", "value");
    equal(textOf(core.persistenceGet("api-tests/set")), "value");
    core.persistenceSet("api-tests/set", Uint8Array.of(0, 255));
    equal(bytesOf(core.persistenceGet("api-tests/set")), "0,255");
  },
  persistenceGet: () => equal(core.persistenceGet("api-tests/absent"), undefined),
  persistenceGetSubset() {
    core.persistenceBatch({ "api-tests/subset/a": "1", "api-tests/subset/b": "2" }, []);
    const subset = core.persistenceGetSubset("api-tests/subset/");
    equal(JSON.stringify(Object.entries(subset).sort()), JSON.stringify([
      ["api-tests/subset/a", "1"],
      ["api-tests/subset/b", "2"],
    ]));
  },
  persistenceDelete() {
    core.persistenceSet("api-tests/delete", "value");
    core.persistenceDelete("api-tests/delete");
    equal(core.persistenceGet("api-tests/delete"), undefined);
    core.persistenceDelete("api-tests/delete");
  },
  persistenceList() {
    core.persistenceBatch({ "api-tests/list/a": "1", "api-tests/list/b": "2" }, []);
    equal(Object.keys(core.persistenceList("api-tests/list/", "", 1)).join(), "api-tests/list/a");
    const rest = core.persistenceList("api-tests/list/", "api-tests/list/a", 1000);
    equal(Object.keys(rest).join(), "api-tests/list/b");
  },
  persistenceBatch() {
    core.persistenceBatch({ "api-tests/batch/old": "1" }, []);
    core.persistenceBatch({ "api-tests/batch/new": "2" }, ["api-tests/batch/old"]);
    equal(Object.keys(core.persistenceGetSubset("api-tests/batch/")).join(), "api-tests/batch/new");
  },
  getUrl: () => fails(() => core.getUrl(FORBIDDEN_URL), "MOC_OUTBOUND_"),
  httpRequest: () =>
    fails(() => core.httpRequest("GET", FORBIDDEN_URL, { accept: "*/*" }, -1), "MOC_OUTBOUND_"),
  betaWebProxy() {
    withBuffer("", (id) => {
      const ids = { inputBufferId: id, outputBufferId: id };
      const specification = { method: "GET", url: FORBIDDEN_URL, headers: {}, ...ids };
      fails(() => core.betaWebProxy(JSON.stringify(specification)), "MOC_OUTBOUND_");
    });
  },
  printDebug: () => equal(core.printDebug("this line is in the function's log"), 0),
  log: () => equal(core.log(2, "and this one is a warning"), 0),
  isTrace: () => check([0, 1].includes(core.isTrace())),
  getTime() {
    const seconds = Number(time() / 1_000_000_000n);
    check(Math.abs(seconds - Date.now() / 1000) < 5);
  },
  sleep() {
    const before = time();
    core.sleep(20);
    check(time() - before >= 19_000_000n);
  },
  callFunction() {
    withBuffer("to the callee", (input) =>
      withBuffer("", (output) => {
        equal(core.callFunction(FUNCTION, "echo", [1, 2], "", input, output, "", []), 7);
        equal(textOf(core.readExchangeBuffer(output)), "to the callee");
        equal(core.readExchangeBufferHeaders(output)["x-echo"], "yes");
      }),
    );
  },
  call() {
    withBuffer("to the callee", (input) => {
      const answer = core.call(FUNCTION, "echo", input, 5000);
      equal(core.readExchangeBufferStatusCode(answer), 201);
      equal(textOf(core.readExchangeBuffer(answer)), "to the callee");
      core.freeBuffer(answer);
    });
    withBuffer("", (input) => fails(() => core.call("api-tests-nobody", "", input, 5000)));
  },
  publish: () => equal(core.publish("api-tests/nobody-listens", "message"), 0),
  subscribe() {
    const id = core.subscribe("api-tests/topic");
    core.publish("api-tests/topic", "first");
    core.publish("api-tests/topic", "second");
    equal(textOf(core.readExchangeBuffer(id)), "first");
    equal(textOf(core.readExchangeBuffer(id)), "second");
    core.freeBuffer(id);
  },
};

/**
 * @param {string} content
 * @param {(id: number) => void} use
 */
function withBuffer(content, use) {
  const id = core.createExchangeBuffer();
  try {
    if (content !== "") core.writeExchangeBuffer(id, content);
    use(id);
  } finally {
    core.freeBuffer(id);
  }
}

/** Unix time in nanoseconds. */
function time() {
  const dest = new Uint8Array(8);
  core.getTime(dest);
  return new DataView(dest.buffer).getBigInt64(0, true);
}

/** @param {string | undefined} text */
function isTechID(text) {
  return /^[0-9a-f]{64}$/.test(String(text));
}

/** @param {Uint8Array | undefined} bytes */
function textOf(bytes) {
  return new TextDecoder().decode(bytes);
}

/** @param {Uint8Array | undefined} bytes */
function bytesOf(bytes) {
  return bytes === undefined ? "nothing" : Array.from(bytes).join();
}

/** @param {boolean} holds */
function check(holds) {
  if (!holds) throw new Error("it does not hold");
}

/**
 * @param {unknown} actual
 * @param {unknown} expected
 */
function equal(actual, expected) {
  if (actual !== expected) throw new Error(`${actual} instead of ${expected}`);
}

/**
 * @param {() => unknown} action
 * @param {string} [code] how the error's code begins
 */
function fails(action, code = "MOC_") {
  let answer;
  try {
    answer = action();
  } catch (error) {
    const found = String(Object(error).code);
    if (!found.startsWith(code)) throw new Error(`${error} (${found}) instead of ${code}…`);
    return;
  }
  throw new Error(`it answered ${answer} instead of failing`);
}
