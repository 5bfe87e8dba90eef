/**
 * Writes until it is killed: counters in the key-value store by concurrent writers, and deploys.
 * Each acknowledged write is told to the parent, synchronously. Run by crash.test.ts.
 */
import { writeSync } from "node:fs";
import { deploy } from "../core/deploy.ts";
import { Events } from "../core/events.ts";
import { openState } from "../core/platform-state.ts";
import { openKeyspace } from "./keyspace.ts";

const WRITERS = 8;
const [folder = "", round = "0"] = process.argv.slice(2);
const encode = (text: string) => new TextEncoder().encode(text);
const acknowledge = (line: string) => writeSync(1, `${line}\n`);

const state = await openState(await openKeyspace(folder), new Events());

async function writeKeys(writer: number): Promise<never> {
  for (let i = 1; ; i++) {
    const value = encode(`${round}:${i}`);
    // Both or none: the check compares them.
    const puts = [`a/${writer}`, `b/${writer}`].map((key) => ({ key: encode(key), value }));
    await state.kv.batch(puts, []);
    acknowledge(`kv ${writer} ${round}:${i}`);
  }
}

async function writeDeploys(): Promise<never> {
  for (let i = 1; ; i++) {
    const text = `${round}:${i}`;
    const { techID } = await state.blobs.register("text/javascript", encode(text.repeat(5000)));
    const path = `/p/${i % 3}`;
    await deploy(state, {
      name: "fn",
      techID,
      settings: { start: text },
      plugs: [
        { type: "function", method: "get", path, name: "fn", start_function: text, data: "" },
      ],
      filters: [],
    });
    acknowledge(`deploy ${techID} ${text}`);
  }
}

acknowledge("ready");
await Promise.all([...Array.from({ length: WRITERS }, (_, i) => writeKeys(i)), writeDeploys()]);
