/** Every snippet is put, as it is proposed, into a new function of its language, which must build. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { builderFor, closeBuilders } from "../devkit/builders/list.ts";
import { readProject } from "../devkit/manifest.ts";
import { createFunction, listTemplates } from "../devkit/templates.ts";
import { MocError } from "../runtime/protocol/errors.ts";

const run = promisify(execFile);
const TSC = fileURLToPath(new URL("../node_modules/.bin/tsc", import.meta.url));

interface Place {
  readonly template: string;
  readonly file: string;
  /** A whole source with the snippets in it, by their prefixes. */
  readonly source: (snippet: (prefix: string) => string) => string;
}

const script = (snippet: (prefix: string) => string, type = ""): string => `
export const started = ${snippet("moc-fetch").replace(/^export default /, "")}
export default {
  async fetch(request, env) {
${snippet("moc-kv")}
${snippet("moc-param")}
    return new Response(String([request, value, who]));
  },
}${type};
`;

const PLACES: Readonly<Record<string, Place>> = {
  javascript: { template: "javascript", file: "index.js", source: (snippet) => script(snippet) },
  typescript: {
    template: "typescript",
    file: "index.ts",
    source: (snippet) => script(snippet, " satisfies MocFunction"),
  },
  c: {
    template: "c",
    file: "main.c",
    source: (snippet) => `#include "core-api-guest.h"\n${snippet("moc-handle")}\n`,
  },
  rust: {
    template: "rust",
    file: "src/lib.rs",
    source: (snippet) => `mod core_api_guest;
use core_api_guest::api;
${snippet("moc-handle")}
pub fn more() -> Result<(), Box<dyn std::error::Error>> {
${snippet("moc-header")}
${snippet("moc-kv")}
    let _ = value;
    Ok(())
}
`,
  },
  go: {
    template: "go-reactor",
    file: "main.go",
    source: (snippet) => `package main
import "function/core"
${snippet("moc-handle")}
func more() error {
${snippet("moc-kv")}
	_ = stored
	return nil
}
func main() {}
`,
  },
  wgsl: {
    template: "wgsl",
    file: "shader.wgsl",
    source: (snippet) => snippet("moc-compute"),
  },
};

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "moc-snippets-"));
});
after(async () => {
  await closeBuilders();
  await rm(folder, { recursive: true, force: true });
});

for (const [language, { template: id, file, source }] of Object.entries(PLACES)) {
  test(`the snippets for ${language} build`, async (t) => {
    const template = (await listTemplates()).find((one) => one.id === id);
    assert.ok(template);
    const created = await createFunction({
      template,
      name: language,
      folder: join(folder, language),
    });
    const snippets = await readSnippets(language);
    const used = new Set<string>();
    const text = source((prefix) => {
      const snippet = snippets.get(prefix);
      assert.ok(snippet, `no snippet ${prefix}`);
      used.add(prefix);
      return snippet;
    });
    assert.deepEqual([...used].sort(), [...snippets.keys()].sort());
    await writeFile(join(created.folder, file), text);
    const project = await readProject(created.folder);
    try {
      const build = await builderFor(project).build(project);
      assert.ok(build.ok, build.ok ? "" : `${text}\n${build.output}`);
      if (language === "typescript") await run(TSC, ["-p", created.folder]);
    } catch (error) {
      if (!(error instanceof MocError) || error.code !== "MOC_TOOLCHAIN_MISSING") throw error;
      t.skip(error.message);
    }
  });
}

/** Bodies by prefix, with what is proposed at each of their stops. */
async function readSnippets(language: string): Promise<Map<string, string>> {
  const file = new URL(`./snippets/${language}.code-snippets`, import.meta.url);
  const declared: Record<string, { prefix: string; body: string[] }> = JSON.parse(
    await readFile(file, "utf8"),
  );
  return new Map(
    Object.values(declared).map(({ prefix, body }) => {
      const text = body.join("\n");
      const proposals = new Map<string, string>();
      for (const [, stop, value] of text.matchAll(/\$\{(\d+):([^}]*)\}/g)) {
        proposals.set(String(stop), String(value));
      }
      const filled = text
        .replaceAll(/\$\{\d+:([^}]*)\}/g, "$1")
        .replaceAll(/\$(\d+)/g, (_, stop: string) => proposals.get(stop) ?? "");
      return [prefix, filled];
    }),
  );
}
