/** A store that the disk lets down is seen by everybody who asks how the runtime is. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Client } from "../../devkit/client.ts";
import { ensureRuntime } from "../../devkit/runtime-process.ts";
import { temporaryFolder } from "../../devkit/testing.ts";

const CLI = fileURLToPath(new URL("./main.ts", import.meta.url));
/** Above it, a write fails instead of ending the process. */
const SURVIVE = `data:text/javascript,process.on("SIGXFSZ",()=>undefined)`;
/** 8192 blocks are 4 or 8 MiB: enough to start, and less than one large value. */
const LIMITED = ["sh", "-c", 'ulimit -f 8192; exec "$0" "$@"', process.execPath];
const LARGE = 16 * 2 ** 20;

test("moc status, REST and metrics tell that the store takes no writes, and since when", {
  skip: process.platform === "win32" ? "needs a limit on the size of files" : false,
}, async (t) => {
  const dataFolder = join(await temporaryFolder(t), "data");
  const runtime = await ensureRuntime({
    dataFolder,
    command: [...LIMITED, "--import", SURVIVE, CLI],
    arguments: ["--port", "0"],
  });
  t.after(() => runtime.stop());
  const { url: baseUrl, token, certificate } = runtime.instance;
  const client = new Client({ baseUrl, token, certificate, dataFolder });
  t.after(() => client.close());
  const status = (...more: readonly string[]) =>
    spawnSync(process.execPath, [CLI, "status", "--data", dataFolder, ...more], {
      encoding: "utf8",
    });

  assert.deepEqual((await client.call("status")).store, { state: "ok" });
  const before = status();
  assert.deepEqual([before.status, /store +takes writes/.test(before.stdout)], [0, true]);

  const put = client.call("kvPut", { path: { key: "large" }, body: new Uint8Array(LARGE) });
  await assert.rejects(put, { code: "MOC_DATA_UNUSABLE" });

  const { store } = await client.call("status");
  assert.equal(store?.state, "read-only");
  assert.equal(store.error.code, "MOC_DATA_UNUSABLE");
  assert.match(store.error.message, /restart the runtime/);
  const after = status();
  assert.equal(after.status, 1);
  assert.match(after.stdout, /store +read-only since 2.*could not be written.*restart the runtime/);
  assert.equal(status("--json").status, 1);
  const { bytes } = await client.bytes("metrics");
  assert.match(new TextDecoder().decode(bytes), /^moc_store_writable 0$/m);
});
