/** Compilers in worker threads that hang, break, print endlessly or are given up. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { pathToFileURL } from "node:url";
import type { MocError } from "../../runtime/protocol/errors.ts";
import { temporaryFolder, writeFiles } from "../testing.ts";
import { CompilerThread } from "./compiler-thread.ts";
import { CappedText } from "./worker-call.ts";

/** Does what the job's first argument says. */
const WORKER = `
import { parentPort, threadId } from "node:worker_threads";
parentPort.on("message", ({ id, args: [what] }) => {
  if (what === "hang") for (;;) {}
  if (what === "throw") throw new Error("out of luck");
  if (what === "exit") process.exit(3);
  if (what === "crash") parentPort.postMessage({ id, text: "", crash: "unreachable" });
  if (what === "slow") setTimeout(() => parentPort.postMessage({ id, text: "late" }), 50);
  if (what === "compile") parentPort.postMessage({ id, text: String(threadId) });
});
`;

const job = (what: string) => ({ toolUrl: "", args: [what], files: {}, output: "" });

async function tryThread(t: TestContext): Promise<CompilerThread> {
  const folder = await temporaryFolder(t);
  await writeFiles(folder, { "worker.mjs": WORKER });
  const thread = new CompilerThread("try", pathToFileURL(join(folder, "worker.mjs")));
  t.after(() => thread.close());
  return thread;
}

test("a compiler that hangs is ended at its timeout, one that breaks says so; the next build works", async (t) => {
  const thread = await tryThread(t);
  const reasons = [
    ["hang", /^try was ended: it ran longer than 0\.2 s\.$/],
    ["throw", /^try was ended: out of luck\.$/],
    ["exit", /^try was ended: its thread stopped\.$/],
    ["crash", /^try was ended: unreachable\.$/],
  ] as const;
  for (const [what, message] of reasons) {
    await assert.rejects(thread.compile(job(what), { timeoutMs: 200 }), (error: MocError) => {
      assert.equal(error.code, "MOC_BUILD_FAILED");
      assert.match(error.message, message);
      return true;
    });
    assert.match((await thread.compile(job("compile"), {})).text, /^\d+$/, what);
  }
});

test("the thread stays between builds; one that is given up does not take the warm compiler along", async (t) => {
  const thread = await tryThread(t);
  const first = await thread.compile(job("compile"), {});
  const abort = new AbortController();
  const given = thread.compile(job("slow"), { signal: abort.signal });
  const next = thread.compile(job("compile"), {});
  abort.abort();
  await assert.rejects(given, (error: MocError) => error.code === "MOC_CANCELLED");
  assert.equal((await next).text, first.text);
  const late = thread.compile(job("compile"), { signal: abort.signal });
  await assert.rejects(late, (error: MocError) => error.code === "MOC_CANCELLED");
});

test("a compiler that hangs and is given up is ended soon, and does not block the next build", async (t) => {
  const thread = await tryThread(t);
  const abort = new AbortController();
  const given = thread.compile(job("hang"), { signal: abort.signal });
  // Only what began to run can hang.
  await new Promise((resolve) => setTimeout(resolve, 100));
  abort.abort();
  await assert.rejects(given, (error: MocError) => error.code === "MOC_CANCELLED");
  assert.match((await thread.compile(job("compile"), {})).text, /^\d+$/);
});

test("what a compiler prints is kept up to a limit", () => {
  const text = new CappedText(100);
  for (let i = 0; i < 1_000_000; i++) text.add("x is not what it seems to be\n");
  assert.ok(text.toString().length <= 200);
});
