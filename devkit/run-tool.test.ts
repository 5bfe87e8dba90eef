import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { MocError } from "../runtime/protocol/errors.ts";
import { runTool } from "./run-tool.ts";
import { temporaryFolder } from "./testing.ts";

const node = process.execPath;
const script = (text: string) => ({ command: node, args: ["-e", text] });

test("runTool answers output, exit code and lines", async () => {
  const lines: string[] = [];
  const exit = await runTool({
    ...script("console.log('é\\ntwo'); console.error('e'); process.exit(3)"),
    onLine: (line) => lines.push(line),
  });
  assert.deepEqual([exit.code, exit.stdout, exit.stderr], [3, "é\ntwo\n", "e\n"]);
  assert.deepEqual(lines.sort(), ["e", "two", "é"]);
});

test("the environment is cleaned of what would change how a tool behaves", async (t) => {
  process.env.NODE_OPTIONS = "--no-deprecation";
  process.env.ELECTRON_RUN_AS_NODE = "1";
  t.after(() => {
    delete process.env.NODE_OPTIONS;
    delete process.env.ELECTRON_RUN_AS_NODE;
  });
  const text = "const e = process.env; console.log(e.NODE_OPTIONS, e.ELECTRON_RUN_AS_NODE, e.OWN)";
  const exit = await runTool({ ...script(text), env: { OWN: "x" } });
  assert.equal(exit.stdout, "undefined undefined x\n");
});

test("a tool that does not exist is a missing toolchain", async () => {
  await assert.rejects(runTool({ command: "/no/such/tool", args: [] }), (error: MocError) => {
    return error.code === "MOC_TOOLCHAIN_MISSING" && /\/no\/such\/tool/.test(error.message);
  });
});

test("a tool that hangs is ended at its timeout, one that prints endlessly at its limit", async () => {
  const hangs = runTool({ ...script("setInterval(() => {}, 1e6)"), timeoutMs: 300 });
  await assert.rejects(hangs, (error: MocError) => {
    return error.code === "MOC_BUILD_FAILED" && /longer than 0\.3 s/.test(error.message);
  });
  // Written step by step: the tool must not outrun the pipe.
  const endless = `const s = "x".repeat(65536); (function go() { process.stdout.write(s, go) })()`;
  const prints = runTool({ ...script(endless), timeoutMs: 60_000 });
  await assert.rejects(prints, (error: MocError) => {
    return error.code === "MOC_BUILD_FAILED" && /printed more than 8 MiB/.test(error.message);
  });
});

test("cancelling ends the tool with all its children", {
  skip: process.platform === "win32",
}, async (t) => {
  const file = join(await temporaryFolder(t), "pid");
  const inner = `require("fs").writeFileSync(${JSON.stringify(file)}, String(process.pid)); setInterval(() => {}, 1e6)`;
  const outer = `require("child_process").spawn(process.execPath, ["-e", ${JSON.stringify(inner)}]); process.on("SIGTERM", () => {}); setInterval(() => {}, 1e6)`;
  const abort = new AbortController();
  const running = runTool({ ...script(outer), signal: abort.signal });
  const pid = await until(async () => Number(await readFile(file, "utf8").catch(() => "")));
  abort.abort();
  await assert.rejects(running, (error: MocError) => error.code === "MOC_CANCELLED");
  await until(async () => !isAlive(pid));
  const late = runTool({ ...script(""), signal: abort.signal });
  await assert.rejects(late, (error: MocError) => error.code === "MOC_CANCELLED");
});

async function until<T>(look: () => Promise<T>): Promise<T> {
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    await sleep(10);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
