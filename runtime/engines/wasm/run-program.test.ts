import assert from "node:assert/strict";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type RunProgramOptions, runWasiProgram } from "./run-program.ts";
import { codeOf, compileC, wat } from "./testing.ts";

async function run(bytes: Uint8Array, options: Partial<RunProgramOptions> = {}) {
  const output: string[] = [];
  const errors: string[] = [];
  const code = await runWasiProgram({
    bytes,
    name: "prog",
    stdin: () => undefined,
    stdout: (part) => void output.push(Buffer.from(part).toString()),
    stderr: (part) => void errors.push(Buffer.from(part).toString()),
    ...options,
  });
  return { code, output: output.join(""), errors: errors.join("") };
}

test("runWasiProgram passes arguments, environment, streams and the exit code", async () => {
  const bytes = await compileC(`#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
int main(int argc, char **argv) {
  char line[50]; fgets(line, 50, stdin); fprintf(stderr, "%d%d", isatty(0), isatty(1));
  printf("%s %s %s %s", argv[0], argv[1], getenv("K"), line); return 300;
}`);
  const parts = [Buffer.from("in"), Buffer.from("put\n")];
  const { code, output, errors } = await run(bytes, {
    args: ["ä"],
    env: { K: "v=w" },
    stdin: async () => parts.shift(),
    terminal: { stdout: true },
  });
  assert.equal(code, 300);
  assert.equal(errors, "01");
  assert.equal(output, "prog ä v=w input\n");
});

test("a program sees a copy of the folders, and its changes go back only when asked for", async () => {
  const folder = mkdtempSync(join(tmpdir(), "moc-run-"));
  try {
    const outside = join(folder, "outside");
    const host = join(folder, "in");
    mkdirSync(join(host, "sub"), { recursive: true });
    mkdirSync(outside);
    writeFileSync(join(outside, "secret"), "secret");
    writeFileSync(join(host, "keep"), "same");
    writeFileSync(join(host, "change"), "old");
    writeFileSync(join(host, "sub", "gone"), "x");
    symlinkSync(join(outside, "secret"), join(host, "link"));
    symlinkSync("../outside", join(host, "way"));
    const past = new Date(1_000_000_000_000);
    utimesSync(join(host, "keep"), past, past);
    const bytes = await compileC(`#include <stdio.h>
#include <unistd.h>
#include <sys/stat.h>
static void put(const char *p, const char *t) { FILE *f = fopen(p, "w"); if (!f) { printf("no %s\\n", p); return; } fputs(t, f); fclose(f); }
int main() {
  struct stat s; stat("/mine/keep", &s); printf("%lld\\n", (long long) s.st_mtime);
  put("/mine/change", "new"); put("/mine/sub/made", "é"); unlink("/mine/sub/gone");
  put("/mine/link", "evil"); put("/mine/way/secret", "evil"); put("/etc/passwd", "evil");
  unlink("/mine/way"); mkdir("/mine/way", 0777); put("/mine/way/secret", "mine"); symlink("keep", "/mine/alias");
  return 0;
}`);
    const folders = [{ host, guest: "/mine" }];
    const first = await run(bytes, { folders });
    assert.equal(first.code, 0);
    assert.equal(first.output, "1000000000\nno /mine/link\nno /mine/way/secret\nno /etc/passwd\n");
    assert.equal(readFileSync(join(host, "change"), "utf8"), "old");
    await run(bytes, { folders, writeBack: true });
    assert.equal(readFileSync(join(host, "change"), "utf8"), "new");
    assert.deepEqual(readdirSync(join(host, "sub")), ["made"]);
    assert.equal(readFileSync(join(host, "way", "secret"), "utf8"), "mine");
    assert.equal(readFileSync(join(outside, "secret"), "utf8"), "secret");
    assert.ok(lstatSync(join(host, "link")).isSymbolicLink());
    assert.ok(lstatSync(join(host, "alias")).isSymbolicLink());
    assert.equal(statSync(join(host, "keep")).mtimeMs, past.getTime());
    assert.ok(existsSync(join(host, "keep")));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("what is no program of its own is refused clearly", async () => {
  const bytes = await wat(
    '(module (import "core" "is_trace" (func (result i32))) (func (export "_start")))',
  );
  await assert.rejects(run(bytes), {
    code: "MOC_GUEST_LINK",
    message: /core\.is_trace, which is not of WASI/,
  });
  const library = await wat('(module (func (export "add")))');
  assert.equal(await codeOf(() => run(library)), "MOC_GUEST_NO_START");
  const folders = [{ host: join(tmpdir(), "moc-not-there"), guest: "/" }];
  assert.equal(await codeOf(() => run(library, { folders })), "MOC_NOT_FOUND");
  const trap = await wat('(module (func (export "_start") unreachable))');
  assert.equal(await codeOf(() => run(trap)), "MOC_GUEST_TRAP");
});
