import assert from "node:assert/strict";
import { test } from "node:test";
import { plain } from "./say.ts";
import { type StatusModel, statusView } from "./status-view.ts";

const idle: StatusModel = { runtime: "running", functionCount: 2, broken: [], trusted: true };
const view = (change: Partial<StatusModel>) => statusView({ ...idle, ...change }, plain);

test("a healthy runtime is a quiet icon that opens the dashboard", () => {
  const { text, command, background, tooltip } = view({ version: "1.2.3", port: 8443 });
  assert.equal(text, "$(zap) moc");
  assert.equal(command, "openDashboard");
  assert.equal(background, undefined);
  assert.match(tooltip, /Version 1\.2\.3 on port 8443/);
  assert.match(tooltip, /command:myOwnCluster\.stopRuntime/);
});

test("what needs action wins over what does not, and only that has a colour", () => {
  const everything = { activity: "a", pulse: "p", broken: ["hello"] };
  assert.equal(view({ ...everything, trusted: false }).command, "trust");
  assert.equal(view({ ...everything, runtime: "failed" }).background, "error");
  assert.equal(view(everything).text, "$(loading~spin) a");
  assert.equal(view({ broken: ["hello"], pulse: "p" }).text, "$(warning) hello: build failed");
  assert.equal(view({ broken: ["hello", "b"] }).text, "$(warning) 2 builds failed");
  assert.equal(view({ pulse: "hello live" }).text, "$(check) hello live");
  assert.equal(view({ pulse: "hello live" }).background, undefined);
});

test("the function that is being edited is shown with where it answers", () => {
  const { text, tooltip } = view({ current: { name: "hello", path: "/hello/!who" } });
  assert.equal(text, "$(zap) moc: /hello/!who");
  assert.match(tooltip, /hello answers at/);
  assert.match(tooltip, /command:myOwnCluster\.openUrl/);
});

test("a stopped runtime offers a start and nothing that needs one", () => {
  const { command, tooltip } = view({ runtime: "stopped" });
  assert.equal(command, "startRuntime");
  assert.doesNotMatch(tooltip, /restartRuntime|stopRuntime/);
});

test("why the runtime failed is told, as text and not as markdown", () => {
  const { tooltip } = view({ runtime: "failed", failure: "no [Node](command:x) at\n  /tmp/a_b" });
  assert.match(tooltip, /no \\\[Node\\\]\\\(command:x\\\) at \/tmp\/a\\_b/);
  assert.doesNotMatch(view({ runtime: "stopped", failure: "old" }).tooltip, /old/);
});
