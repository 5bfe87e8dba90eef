/** The printed bindings, and code written for the original's, go through the real compilers. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { MODULES } from "../guest-api/modules.ts";

const OUTPUT = fileURLToPath(new URL("output/", import.meta.url));
const MODULES_FOLDER = fileURLToPath(new URL("../../node_modules/", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "moc-bindings-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** First of the given places or PATH folders that has the program; skips the test when none has. */
function program(t: TestContext, name: string, places: readonly string[] = []): string | undefined {
  const folders = [...places, ...(process.env.PATH ?? "").split(delimiter)];
  const found = folders.map((one) => join(one, name)).find((path) => existsSync(path));
  if (!found) t.skip(`${name} is not installed`);
  return found;
}

function write(name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const run = promisify(execFile);

test("TypeScript: both kinds of functions are checked by tsc", async () => {
  const classic = write(
    "classic.ts",
    [
      ...MODULES.map(
        (one) => `/// <reference path="${OUTPUT}typescript/${one.name}-api-guest.d.ts" />`,
      ),
      `const moc = requireApi("core");`,
      `const same = requireApi("my-own-cluster");`,
      `const bytes: Uint8Array = moc.base64Decode(moc.base64Encode("text"));`,
      `const value: Uint8Array | undefined = moc.persistenceGet("key");`,
      `const status: number = moc.callFunction("f", "g", [1], "direct", 1, 2, "", []);`,
      `const claims: string | undefined = requireApi("jwt").verifyJwt("a.b.c");`,
      "// @ts-expect-error a number",
      `const wrong: string = same.isTrace();`,
    ].join("\n"),
  );
  const standard = write(
    "standard.ts",
    `export default {
      async fetch(request, env) {
        const count = (await env.kv.get<{ n: number }>("count", "json"))?.n ?? 0;
        const answer = await env.call("other", { input: request });
        const status: number = await env.api("core").isTrace();
        await env.kv.batch([{ put: "count", value: "1" }, { delete: "old" }]);
        return Response.json({ count, status, other: await answer.text(), name: env.params["name"] });
      },
      async websocket(socket, _request, env) {
        for await (const message of socket) await env.publish("topic", message);
      },
    } satisfies MocFunction;`,
  );
  const tsc = join(MODULES_FOLDER, "typescript/bin/tsc");
  const flags = ["--strict", "--noEmit", "--target", "es2023", "--module", "esnext", "--types", ""];
  await run(process.execPath, [tsc, ...flags, "--lib", "es2023", classic]);
  const environment = `${OUTPUT}typescript/moc-environment.d.ts`;
  await run(process.execPath, [tsc, ...flags, "--lib", "es2023,webworker", standard, environment]);
});

test("C: headers compile without warnings, without a C library", async (t) => {
  const clang = program(t, "clang");
  if (!clang) return;
  for (const { name } of MODULES) {
    const source = write(
      `${name}.c`,
      `#include "${OUTPUT}c/${name}-api-guest.h"\nWASM_EXPORT uint32_t start(void) { return 200; }\n`,
    );
    await run(clang, [
      ...["--target=wasm32", "-std=c11", "-Wall", "-Wextra", "-Werror", "-Wno-unused-function"],
      ...["-Os", "-nostdlib", "-Wl,--no-entry"],
      `-Wl,--allow-undefined-file=${OUTPUT}c-syms/${name}-api-guest.syms`,
      ...["-o", join(folder, `${name}.c.wasm`), source],
    ]);
  }
});

const RUST_TARGETS = ["wasm32-unknown-unknown", "wasm32-wasip1", "wasm32-wasi"];

/** Written as a guest for the original would be. */
const ORIGINAL_RUST = `
mod core_api_guest;
use core_api_guest::*;

#[no_mangle]
pub extern fn get_status_page() -> u32 {
    let headers = read_exchange_buffer_headers(get_input_buffer_id()).unwrap();
    let name = &headers["x-moc-path-param-name"];
    let stamp = [0u8; 8];
    get_time(&stamp);
    persistence_set(&format!("/services/{}", name).as_bytes(), &stamp);
    for (key, value) in persistence_get_subset("/services/").unwrap().iter() {
        print_debug(&format!("{} {}", key, value));
    }
    match read_exchange_buffer(get_input_buffer_id()) {
        Ok(body) => write_exchange_buffer(get_output_buffer_id(), &body),
        Err(error) => unsafe { raw::write_exchange_buffer_status_code(get_output_buffer_id(), error) },
    };
    let arguments: [u32; 2] = [1, 2];
    call_function("other", "start", &arguments, "direct", get_input_buffer_id(), get_output_buffer_id(), "", &[])
}
`;

const NEW_RUST = `
mod core_api_guest;
use core_api_guest::api;
use std::collections::HashMap;

fn answer() -> Result<u32, Box<dyn std::error::Error>> {
    let headers: HashMap<String, String> = api::read_exchange_buffer_headers(api::get_input_buffer_id())?;
    let page: HashMap<String, Vec<u8>> = api::persistence_list("prefix", "", 10)?;
    api::persistence_batch(&[("a", b"1"), ("b", page["b"].as_slice())], &["c"])?;
    let response = api::http_request("GET", "https://example.org/", &[("accept", headers["accept"].as_bytes())], -1)?;
    let mut part = [0; 1024];
    while api::read_exchange_buffer_part(response, &mut part)? > 0 {}
    api::free_buffer(response)?;
    Ok(200)
}

#[no_mangle]
pub extern "C" fn start() -> u32 {
    answer().unwrap_or(500)
}
`;

test("Rust: bindings need no crates, and code for the original's compiles", async (t) => {
  const rustc = program(t, "rustc", ["/usr/bin"]);
  if (!rustc) return;
  const { stdout } = await run(rustc, ["--print", "sysroot"]);
  const targets = RUST_TARGETS.filter((one) => existsSync(join(stdout.trim(), "lib/rustlib", one)));
  if (targets.length === 0) return t.skip("rustc has no WebAssembly target");
  cpSync(join(OUTPUT, "rust"), join(folder, "rust"), { recursive: true });
  const all = MODULES.map((one) => `pub mod ${one.name}_api_guest;`).join("\n");
  const sources = { all, original: ORIGINAL_RUST, new: NEW_RUST };
  for (const target of targets) {
    for (const [name, text] of Object.entries(sources)) {
      const source = write(`rust/${name}.rs`, text);
      const output = join(folder, `${name}.${target}.wasm`);
      await run(rustc, [
        ...["--edition", "2021", "--crate-type", "cdylib", "--target", target],
        ...["-o", output, source],
      ]);
    }
  }
});

test("Go: packages compile for wasip1 and are formatted", async (t) => {
  const go = program(t, "go", ["/usr/local/go/bin"]);
  if (!go) return;
  write("go/go.mod", "module example\n\ngo 1.24\n");
  for (const { name } of MODULES) {
    cpSync(join(OUTPUT, "go", `${name}.go`), write(`go/${name}/${name}.go`, ""));
  }
  const imports = MODULES.map((one) => `\t_ "example/${one.name}"\n`).join("");
  write("go/main.go", `package main\n\nimport (\n${imports})\n\nfunc main() {}\n`);
  const env = { ...process.env, GOOS: "wasip1", GOARCH: "wasm", GOFLAGS: "-mod=mod" };
  await run(go, ["build", "-o", join(folder, "go.wasm"), "."], { cwd: join(folder, "go"), env });
  const { stdout } = await run(join(dirname(go), "gofmt"), ["-l", join(OUTPUT, "go")]);
  assert.equal(stdout, "");
});

test("AssemblyScript: every function compiles", async () => {
  const asc = join(MODULES_FOLDER, "assemblyscript/bin/asc.js");
  for (const { name } of MODULES) {
    cpSync(join(OUTPUT, `assemblyscript/${name}.ts`), write(`as/${name}.ts`, ""));
    const entry = write(`as/entry-${name}.ts`, `export * from "./${name}";\n`);
    await run(process.execPath, [asc, entry, "-o", join(folder, `${name}.as.wasm`)]);
    assert.ok(existsSync(join(folder, `${name}.as.wasm`)));
  }
});
