/** `moc doctor` as a process, with toolchains that are whole, and one that only looks so. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { temporaryFolder, writeFiles } from "../../devkit/testing.ts";

const CLI = fileURLToPath(new URL("./main.ts", import.meta.url));

interface Answer {
  readonly languages: readonly {
    readonly language: string;
    readonly status: {
      readonly ok: boolean;
      readonly tool: string;
      readonly missing?: string;
      readonly install?: string;
    };
    readonly buildMs?: number;
  }[];
}

async function doctor(env: NodeJS.ProcessEnv, ...languages: readonly string[]) {
  const args = [CLI, "doctor", ...languages, "--json"];
  const options = { env: { ...process.env, ...env } };
  const { stdout } = await promisify(execFile)(process.execPath, args, options);
  const answer: Answer = JSON.parse(stdout);
  return answer.languages;
}

test("doctor builds a small function, even with an empty PATH", async () => {
  const checks = await doctor({ PATH: "" }, "javascript", "wat", "assemblyscript");
  assert.deepEqual(
    checks.map(({ language, status }) => [language, status.ok]),
    [
      ["javascript", true],
      ["wat", true],
      ["assemblyscript", true],
    ],
  );
  for (const { buildMs, language } of checks) assert.ok((buildMs ?? 0) > 0, language);
});

test("doctor finds out that a compiler lacks its linker", {
  skip: process.platform === "win32" ? "the stand-in is a shell script" : false,
}, async (t) => {
  const folder = await temporaryFolder(t);
  const lib = "sysroot/lib/rustlib/wasm32-unknown-unknown/lib/libstd-0.rlib";
  const script = `#!/bin/sh
case "$*" in
  "--print sysroot") echo "${join(folder, "sysroot")}" ;;
  "--version") echo "rustc 1.99.0" ;;
  *) echo '{"reason":"","rendered":"error: linker \`rust-lld\` not found","message":"linker \`rust-lld\` not found","level":"error","spans":[],"children":[],"code":null}' >&2; exit 1 ;;
esac
`;
  await writeFiles(folder, { [lib]: "", "bin/rustc": script });
  await chmod(join(folder, "bin/rustc"), 0o755);
  const [check] = await doctor({ PATH: join(folder, "bin") }, "rust");
  assert.equal(check?.status.ok, false);
  assert.match(check?.status.missing ?? "", /rustc 1\.99\.0 .*linker `rust-lld` not found/);
  assert.match(check?.status.install ?? "", /rust/);
});

test("doctor names the nearest language", async () => {
  await assert.rejects(doctor({}, "rst"), /There is no language "rst": did you mean "rust"\?/);
});
