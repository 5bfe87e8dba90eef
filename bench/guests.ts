/** The guests that are measured. */
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { HELLO } from "./peers.ts";

const text = JSON.stringify(HELLO);

/** The original's style: a global function and blocking calls. */
export const HELLO_CLASSIC = `
  var moc = requireApi("core");
  function hello() {
    moc.writeExchangeBufferHeader(moc.getOutputBufferId(), "content-type", "text/plain");
    moc.writeExchangeBuffer(moc.getOutputBufferId(), ${text});
    return 200;
  }`;

/** The web-standard style. */
export const HELLO_FETCH = `
  export default {
    fetch() {
      return new Response(${text}, { headers: { "content-type": "text/plain" } });
    },
  };`;

const HELLO_C = `
  #include <stdint.h>
  __attribute__((import_module("core"), import_name("get_output_buffer_id"))) int out(void);
  __attribute__((import_module("core"), import_name("write_exchange_buffer"))) int put(int, const void *, int);
  __attribute__((import_module("core"), import_name("write_exchange_buffer_header"))) int head(int, const void *, int, const void *, int);
  __attribute__((export_name("hello"))) int hello(void) {
    head(out(), "content-type", 12, "text/plain", 10);
    put(out(), ${text}, ${HELLO.length});
    return 200;
  }`;

const HELLO_POSIX = `
  #include <stdio.h>
  int main(void) { fputs(${text}, stdout); return 0; }`;

/** Compiles C by the WebAssembly build of clang, as the devkit does without a toolchain. */
async function compileC(source: string, args: readonly string[]): Promise<Uint8Array> {
  const { commands } = await import("@yowasp/clang");
  const files = await commands.clang([...args, "-Os", "-o", "out.wasm", "in.c"], {
    "in.c": source,
  });
  const bytes = files?.["out.wasm"];
  if (!(bytes instanceof Uint8Array)) throw new Error("clang made no output");
  return bytes;
}

/** A module without libc that imports the guest API and exports functions. */
export function compileGuest(source: string): Promise<Uint8Array> {
  return compileC(source, ["--target=wasm32-wasip1", "-nostdlib", "-Wl,--no-entry"]);
}

export function helloC(): Promise<Uint8Array> {
  return compileGuest(HELLO_C);
}

export function helloPosix(): Promise<Uint8Array> {
  return compileC(HELLO_POSIX, ["--target=wasm32-wasip1"]);
}

/** The sample with an unmodified web framework. */
export async function honoApp(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "moc-bench-hono-"));
  const entry = join(folder, "app.ts");
  await writeFile(
    entry,
    `import { Hono } from "hono"; const app = new Hono(); app.get("/hono", (c) => c.text(${text})); export default app;`,
  );
  const outfile = join(folder, "app.js");
  const root = fileURLToPath(new URL("..", import.meta.url));
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: "esm",
    platform: "neutral",
    nodePaths: [join(root, "node_modules")],
    mainFields: ["module", "main"],
    logLevel: "error",
  });
  return readFile(outfile, "utf8");
}
