import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { hash } from "node:crypto";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { keyText, textKey } from "../core/keyspace.ts";
import { testFolder, testState } from "./test-folder.ts";

/** More rounds for longer runs; a seed reproduces the moments of the kills. */
const ROUNDS = Number(process.env.MOC_CRASH_ROUNDS ?? 4);
const SEED = Number(process.env.MOC_SEED ?? 20);
const WRITER = fileURLToPath(new URL("test-crash-writer.ts", import.meta.url));

/** Acknowledged state, as the writer told it. */
interface Acknowledged {
  readonly kv: Map<string, string>;
  deploy: string | undefined;
}

/** Park and Miller's generator. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

async function writeUntilKilled(folder: string, round: number, lines: number): Promise<string[]> {
  const child = spawn(process.execPath, [WRITER, folder, String(round)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  let seen = 0;
  child.stdout.setEncoding("utf8");
  child.stdout.on("data", (chunk: string) => {
    text += chunk;
    seen += chunk.split("\n").length - 1;
    if (seen >= lines) child.kill("SIGKILL");
  });
  await once(child, "close");
  // The last line may be cut off by the kill.
  return text.slice(0, text.lastIndexOf("\n")).split("\n");
}

test("no acknowledged write is lost by kill -9, and nothing is half there", async (t) => {
  const folder = testFolder(t);
  const next = random(SEED);
  const acknowledged: Acknowledged = { kv: new Map(), deploy: undefined };
  for (let round = 1; round <= ROUNDS; round++) {
    const lines = await writeUntilKilled(folder, round, 20 + Math.floor(next() * 600));
    assert.equal(lines[0], "ready");
    for (const line of lines) {
      const [kind, first = "", second = ""] = line.split(" ");
      if (kind === "kv") acknowledged.kv.set(first, second);
      if (kind === "deploy") acknowledged.deploy = second;
    }
    await t.test(`round ${round}: ${lines.length} acknowledged`, (inner) =>
      check(inner, folder, acknowledged),
    );
  }
});

async function check(
  t: Parameters<typeof testState>[0],
  folder: string,
  acknowledged: Acknowledged,
): Promise<void> {
  const state = await testState(t, folder);
  const read = (key: string) => keyText(state.kv.get(textKey(key)) ?? new Uint8Array());
  for (const [writer, told] of acknowledged.kv) {
    const stored = read(`a/${writer}`);
    assert.equal(stored, read(`b/${writer}`), "a batch is atomic");
    assert.ok(notBefore(stored, told), `writer ${writer}: ${stored} after ${told} was told`);
  }
  for (const blob of state.blobs.all()) {
    const bytes = await state.blobs.bytes(blob.techID);
    assert.equal(hash("sha256", bytes, "hex"), blob.techID);
  }
  const fn = state.names.get("fn");
  if (acknowledged.deploy === undefined) return;
  assert.ok(fn?.settings.start && notBefore(fn.settings.start, acknowledged.deploy));
  for (const version of fn.history) assert.ok(state.blobs.info(version.techID));
  const plugs = state.plugs.list();
  assert.equal(plugs.length, 1, "the plug of the deploy before is gone");
  const [plug] = plugs;
  assert.ok(plug?.type === "function" && plug.start_function === fn.settings.start);
}

/** Texts are `round:count`. */
function notBefore(stored: string, told: string): boolean {
  const [round = 0, count = 0] = stored.split(":").map(Number);
  const [toldRound = 0, toldCount = 0] = told.split(":").map(Number);
  return round > toldRound || (round === toldRound && count >= toldCount);
}
