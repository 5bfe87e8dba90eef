import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { giveLease, livingLeases, takeLease } from "./leases.ts";

const KEEPER = new URL("./keeper.ts", import.meta.url).href;

async function withFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "moc-leases-"));
  try {
    await run(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test("leases of living processes count, those of dead ones are removed", () =>
  withFolder(async (folder) => {
    assert.equal(await livingLeases(join(folder, "absent")), 0);
    const child = spawn(process.execPath, ["-e", ""]);
    await once(child, "exit");
    await takeLease(folder);
    await takeLease(folder, child.pid);
    await writeFile(join(folder, "no-pid"), "");
    assert.equal(await livingLeases(folder), 1);
    assert.deepEqual((await readdir(folder)).sort(), [String(process.pid), "no-pid"].sort());
    await giveLease(folder);
    assert.equal(await livingLeases(folder), 0);
  }));

test("a kept process ends by itself, gracefully, when its last lease is gone", () =>
  withFolder(async (folder) => {
    await takeLease(folder);
    const program =
      "process.on('SIGTERM',()=>{process.stdout.write('bye');process.exit(0)});setInterval(()=>{},1000);process.stdout.write(String(process.env.MOC_KEEPER_FOLDER))";
    const child = spawn(process.execPath, ["--import", KEEPER, "-e", program], {
      env: { ...process.env, MOC_KEEPER_FOLDER: folder, MOC_KEEPER_GRACE_SECONDS: "0.1" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
    });
    await once(child.stdout, "data");
    assert.equal(child.exitCode, null);
    await giveLease(folder);
    const [code] = await once(child, "exit");
    assert.equal(code, 0);
    assert.match(output, /^undefined/);
    assert.match(output, /bye$/);
  }));

test("without its variables the keeper keeps nothing", async () => {
  const child = spawn(process.execPath, [fileURLToPath(KEEPER)]);
  const [code] = await once(child, "exit");
  assert.equal(code, 0);
});
