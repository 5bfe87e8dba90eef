import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { temporaryFolder, writeFiles } from "../../devkit/testing.ts";

const CLI = fileURLToPath(new URL("./main.ts", import.meta.url));

/** Output of `moc serve --samples` until it is ready; it is stopped then. */
async function serve(folder: string): Promise<string> {
  const args = [CLI, "serve", "--port", "0", "--data", "the data", "--samples", "samples"];
  const child = spawn(process.execPath, args, { cwd: folder });
  let output = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  for await (const text of child.stdout.setEncoding("utf8")) {
    output += text;
    if (output.includes("Stop it with Ctrl-C.")) child.kill("SIGINT");
  }
  if (child.exitCode === null) await once(child, "exit");
  assert.equal(child.exitCode, 0, output);
  return output;
}

test("serve --samples says shortly what can be opened and tried, and what is broken", async (t) => {
  const folder = await temporaryFolder(t);
  const plugs = [{ path: "/hi" }];
  const hello = { name: "hello", language: "javascript", plugs };
  await writeFiles(folder, {
    "samples/hello/moc.json": JSON.stringify(hello),
    "samples/hello/index.js": "export default { fetch: () => new Response('hi') };",
    "samples/hello/samples/hi.json": JSON.stringify({ path: "/hi", body: "it's me" }),
    "samples/hello/samples/other.json": JSON.stringify({ path: "/hi" }),
    "samples/broken/moc.json": JSON.stringify({ ...hello, name: "broken", plugs: [] }),
    "samples/broken/index.js": "oops(",
    "samples/broken/samples/never.json": JSON.stringify({ path: "/never" }),
    "samples/page/moc.json": JSON.stringify({
      name: "page",
      language: "static-site",
      files: [{ path: "/page", dir: "public" }],
    }),
    "samples/page/public/index.html": "<!doctype html>",
    "samples/highlights.json": '["broken/samples/never.json", "hello/samples/hi.json"]',
  });
  const output = await serve(folder);
  assert.match(output, /^Listening at https:.*deploying the functions in .*samples …\n/);
  assert.match(output, /\nStarted in \d+\.\d s: 3 functions built\.\n/);
  assert.match(output, /broken does not compile:\n.*index\.js:1/);
  const [, table] = output.split(/(?=Open in a browser)/);
  const url = /https:\/\/localhost:\d+/.exec(output)?.[0];
  const data = join(folder, "the data");
  assert.ok(
    table?.startsWith(
      [
        "Open in a browser",
        `  ${url}/page/  page`,
        "Try in a terminal",
        `  export CURL_CA_BUNDLE='${data}/tls.cert.pem'`,
        `  curl -X GET --data-raw 'it'\\''s me' ${url}/hi`,
        "2 functions are live.",
      ].join("\n"),
    ),
    output,
  );
  assert.equal(await readFile(join(data, ".gitignore"), "utf8"), "*\n");
});
