/** `moc serve` with what it cannot start with: it says so and ends, whatever it had opened by then. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "../../devkit/testing.ts";

const CLI = fileURLToPath(new URL("./main.ts", import.meta.url));

/** Runs `serve` until it ends by itself; answers what it said. */
async function refusal(t: TestContext, ...options: readonly string[]): Promise<string> {
  const data = await temporaryFolder(t);
  const args = [CLI, "serve", "--data", data, "--port", "0", ...options];
  const said = await new Promise<string>((resolve, reject) => {
    execFile(process.execPath, args, (exit, _, stderr) => {
      if (exit?.code === 1) resolve(stderr);
      else reject(new Error(`it ended with ${exit?.code}: ${stderr}`));
    });
  });
  assert.equal(said.trimEnd().split("\n").length, 1, said);
  assert.ok(!existsSync(join(data, "lock")), "the folder was let go");
  assert.ok(!existsSync(join(data, "instance.json")));
  return said;
}

test("an address that may be reached, and is none", async (t) => {
  assert.match(await refusal(t, "--allow-outbound", "bad/host"), /"bad\/host" is not HOST/);
});

test("an issuer of tokens without its keys", async (t) => {
  assert.match(await refusal(t, "--jwt-issuer", "x"), /ISSUER=JWKS_URL/);
});

test("a certificate that is none, or whose key is another one", async (t) => {
  const file = join(await temporaryFolder(t), "no.pem");
  await writeFile(file, "nothing of the kind");
  assert.match(await refusal(t, "--cert", file, "--key", file), /are not a pair in PEM form/);
  assert.match(await refusal(t, "--cert", file, "--key", `${file}.gone`), /cannot be read/);
});

test("authorities for outgoing https that are not there", async (t) => {
  assert.match(await refusal(t, "--outbound-ca", join("no", "such.pem")), /cannot be read/);
});

test("a port that somebody else has", async (t) => {
  const other = createServer().listen(0, "127.0.0.1");
  t.after(() => other.close());
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  assert.match(await refusal(t, "--port", String(port)), new RegExp(`${port}.*MOC_PORT_IN_USE`));
});
