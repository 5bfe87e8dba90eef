import assert from "node:assert/strict";
import { test } from "node:test";
import { attachConfiguration } from "./attach-configuration.ts";

test("attaches to the executor alone, keeps its own code out, and never reconnects to what is gone", () => {
  const answer = { id: "7", websocket_url: "ws://127.0.0.1:1/secret" };
  const made = attachConfiguration("Debug hello", answer, "/extensions/moc");
  assert.equal(made.type, "pwa-node");
  assert.equal(made.websocketAddress, answer.websocket_url);
  assert.equal(made.mocSession, "7");
  assert.equal(made.restart, false);
  assert.equal(made.autoAttachChildProcesses, false);
  assert.deepEqual(made.resolveSourceMapLocations, ["**", "!/extensions/moc/dist/**"]);
  assert.deepEqual(made.skipFiles, ["<node_internals>/**", "/extensions/moc/dist/**"]);
});
