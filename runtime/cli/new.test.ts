/** `moc new` in a terminal, asking; and in a script, where nobody answers. */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { temporaryFolder, writeFiles } from "../../devkit/testing.ts";

const CLI = fileURLToPath(new URL("./main.ts", import.meta.url));
/** Gives a program a terminal (util-linux). */
const SCRIPT = "/usr/bin/script";
const skip =
  process.platform === "linux" && existsSync(SCRIPT) ? false : `needs a terminal by ${SCRIPT}`;

/** @param dialogue - what is answered to which question, in order */
async function talk(
  folder: string,
  args: string,
  dialogue: readonly (readonly [question: string, answer: string])[],
): Promise<{ readonly code: number | null; readonly output: string }> {
  const command = `"${process.execPath}" "${CLI}" new ${args}`;
  const child = spawn(SCRIPT, ["-qec", command, "/dev/null"], { cwd: folder });
  let output = "";
  let heard = 0;
  const waiting = [...dialogue];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += stripVTControlCharacters(text).replaceAll("\r", "");
    const [next] = waiting;
    const at = next ? output.indexOf(next[0], heard) : -1;
    if (!next || at < 0) return;
    heard = at + next[0].length;
    waiting.shift();
    child.stdin.write(next[1]);
  });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  assert.deepEqual(waiting, [], output);
  return { code, output };
}

test("new without arguments asks for template, name and variables until they are right", {
  skip,
}, async (t) => {
  const folder = await temporaryFolder(t);
  const { code, output } = await talk(folder, "", [
    ["Template (javascript): ", "nonsense\r"],
    ["Template (javascript): ", "static-site\r"],
    ["Name (hello): ", "../evil\r"],
    ["Name (hello): ", "pages\r"],
    ["Title of the site (My site): ", "<b>\r"],
    ["Title of the site (My site): ", "\x03"],
  ]);
  assert.equal(code, 1, output);
  assert.match(output, /1 to 80 characters, without < > & \{ \} and quotes/);
  assert.match(output, /give a number from 1 to \d+, or a name/);
  assert.match(output, /"\.\.\/evil" is no function name/);
  assert.deepEqual(await readdir(folder), []);
});

test("new takes what is given and asks for the rest; shell characters are text", {
  skip,
}, async (t) => {
  const folder = await temporaryFolder(t);
  const { code, output } = await talk(folder, "static-site", [
    ["Name (hello): ", "\r"],
    ["Title of the site (My site): ", "$(touch x) `id` | $HOME\r"],
  ]);
  assert.equal(code, 0, output);
  assert.match(output, /Created hello\. Next:\n {2}cd hello && moc dev\n/);
  const page = await readFile(join(folder, "hello", "public", "index.html"), "utf8");
  assert.ok(page.includes("<h1>$(touch x) `id` | $HOME</h1>"), page);
  assert.deepEqual(await readdir(folder), ["hello"]);
});

test("a name that is taken is told before the next question; a folder may be called anything", {
  skip,
}, async (t) => {
  const folder = await temporaryFolder(t);
  await writeFiles(folder, { "hello/index.js": "" });
  const taken = await talk(folder, "static-site", [
    ["Name (hello): ", "\r"],
    ["Name (hello): ", "pages\r"],
    ["Title of the site (My site): ", "\r"],
  ]);
  assert.equal(taken.code, 0, taken.output);
  assert.match(taken.output, /there is a "hello" here already: choose another name/);
  const odd = await talk(folder, `wat it "it's a folder"`, []);
  assert.match(odd.output, /Next:\n {2}cd 'it'\\''s a folder' && moc dev\n/);
});

test("Ctrl-D and Ctrl-C leave nothing behind", { skip }, async (t) => {
  const folder = await temporaryFolder(t);
  for (const key of ["\x04", "\x03"]) {
    const { code, output } = await talk(folder, "go", [["Name (hello): ", key]]);
    assert.equal(code, 1, output);
    assert.match(output, /error: Nothing was created\. \[MOC_CANCELLED\]\n$/);
  }
  assert.deepEqual(await readdir(folder), []);
});

test("npm install is a step only where the build needs packages", async (t) => {
  const folder = await temporaryFolder(t);
  const created = (id: string): string =>
    execFileSync(process.execPath, [CLI, "new", id, id], { cwd: folder, encoding: "utf8" });
  assert.match(created("assemblyscript"), /Next:\n {2}cd assemblyscript && moc dev\n$/);
  assert.match(created("hono"), /Next:\n {2}cd hono && npm install && moc dev\n$/);
});

test("where nobody can be asked, new says what to give", async (t) => {
  const folder = await temporaryFolder(t);
  for (const args of [[], ["rust"]]) {
    const child = spawn(process.execPath, [CLI, "new", ...args], { cwd: folder });
    const error = (await child.stderr.setEncoding("utf8").toArray()).join("");
    assert.match(error, /usage: moc new TEMPLATE NAME \[FOLDER\]; "moc templates" lists/);
    assert.equal(child.exitCode ?? (await new Promise((r) => child.once("exit", r))), 2);
  }
});
