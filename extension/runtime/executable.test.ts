import assert from "node:assert/strict";
import { test } from "node:test";
import { plain as say } from "../say.ts";
import { chooseExecutable } from "./executable.ts";

const NOT_THERE = "/nowhere/node";
const [major = ""] = process.versions.node.split(".");
const suspends = Number(major) >= 24;
const ours = { path: process.execPath, version: process.versions.node, suspends };

test("the setting wins, then the editor's own Node", { skip: !suspends }, async () => {
  const chosen = await chooseExecutable({ nodePath: process.execPath, say, editor: ours });
  assert.deepEqual(chosen, { path: process.execPath, env: {}, from: "setting" });
  const own = await chooseExecutable({ nodePath: "", say, editor: ours });
  assert.deepEqual(own, {
    path: process.execPath,
    env: { ELECTRON_RUN_AS_NODE: "1" },
    from: "editor",
  });
});

test("a Node that is not there is named, with what to do", async () => {
  await assert.rejects(chooseExecutable({ nodePath: NOT_THERE, say, editor: ours }), {
    code: "MOC_TOOLCHAIN_MISSING",
    message:
      'myOwnCluster.runtime.nodePath is "/nowhere/node": There is no "/nowhere/node". Install Node.js 24 and set myOwnCluster.runtime.nodePath to its executable.',
  });
});

test("where the editor's Node is too old, the one on the PATH is taken or told of", async () => {
  const editor = { path: NOT_THERE, version: "22.1.0", suspends: false };
  const found = await chooseExecutable({ nodePath: "", say, editor }).catch(
    (error: Error) => error,
  );
  if (found instanceof Error)
    assert.match(found.message, /^The editor's Node 22\.1\.0 is too old\./);
  else assert.deepEqual(found, { path: "node", env: {}, from: "path" });
});
