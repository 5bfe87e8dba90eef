import assert from "node:assert/strict";
import { createConnection } from "node:net";
import { after, before, describe, test } from "node:test";
import { Editor, eventually, fetchText, hasEditor, isAlive } from "./scenario.ts";

describe("one runtime for all windows of a folder", () => {
  let editor: Editor | string = "not started";
  before(async () => {
    editor = await Editor.start({ settings: { "myOwnCluster.runtime.keepAliveSeconds": 20 } });
  });
  after(async () => {
    if (typeof editor !== "string") await editor[Symbol.asyncDispose]();
  });

  test("reload keeps it, a second window shares it, kill -9 brings it back, closing ends it", async (t) => {
    if (!hasEditor(editor, t)) return;
    const current = editor;
    const folder = await current.workspace({ hello: "javascript" });
    const first = await current.open(folder);
    try {
      await first.command("Deploy All Functions");
      const started = await eventually(async () => {
        const instance = await current.instance();
        assert.match(await fetchText(instance, "/hello"), /Hello/);
        return instance;
      }, 60_000);

      await first.reload();
      await first.status().getByText("moc", { exact: true }).waitFor();
      assert.equal((await current.instance()).pid, started.pid, "the reload kept the runtime");

      const second = await current.open(folder);
      await second.status().getByText("moc", { exact: true }).waitFor();
      assert.equal((await current.instances()).length, 1, "the second window attached");
      assert.equal((await current.instance()).pid, started.pid);

      process.kill(started.pid, "SIGKILL");
      const healed = await eventually(async () => {
        const instance = await current.instance();
        assert.notEqual(instance.pid, started.pid);
        assert.match(await fetchText(instance, "/hello"), /Hello/);
        return instance;
      }, 60_000);
      for (const bench of [first, second]) {
        await bench.status().getByText("moc", { exact: true }).waitFor();
      }
      await first.toast("ended unexpectedly").waitFor();
      assert.equal(
        (await current.instances()).length,
        1,
        "one window restarted it, the other attached",
      );

      await second[Symbol.asyncDispose]();
      await first[Symbol.asyncDispose]();
      await eventually(() => assert.equal(isAlive(healed.pid), false, "it ends by itself"), 90_000);
      assert.equal(await accepts(healed.port), false, "its port is free");
      assert.deepEqual(await current.instances(), []);
    } catch (error) {
      await first.picture("failed-lifecycle");
      await current.keepLogs("failed-lifecycle");
      throw error;
    } finally {
      await first[Symbol.asyncDispose]();
    }
  });
});

/** Whether something listens on a port of this machine. */
function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: "127.0.0.1" });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
