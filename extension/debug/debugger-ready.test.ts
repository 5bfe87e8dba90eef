import assert from "node:assert/strict";
import { test } from "node:test";
import { whenReady } from "./debugger-ready.ts";

function loaded(path: string): object {
  return { type: "event", event: "loadedSource", body: { source: { path } } };
}

test("ready once, when the debugger has seen the guest and fallen silent", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let count = 0;
  const tracker = whenReady(
    (path) => path === "/hello/main.c",
    () => {
      count++;
    },
  );
  tracker.onDidSendMessage?.(loaded("/node/internal"));
  t.mock.timers.tick(10_000);
  assert.equal(count, 0);
  tracker.onDidSendMessage?.(loaded("/hello/main.c"));
  t.mock.timers.tick(300);
  tracker.onDidSendMessage?.({ type: "event", event: "breakpoint" });
  t.mock.timers.tick(300);
  assert.equal(count, 0);
  t.mock.timers.tick(200);
  assert.equal(count, 1);
  tracker.onDidSendMessage?.(loaded("/hello/main.c"));
  t.mock.timers.tick(10_000);
  assert.equal(count, 1);
});

test("a session that ends before is never ready", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const tracker = whenReady(
    () => true,
    () => assert.fail("it ended"),
  );
  tracker.onDidSendMessage?.(loaded("x"));
  tracker.onWillStopSession?.();
  t.mock.timers.tick(10_000);
});
