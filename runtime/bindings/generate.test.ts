import assert from "node:assert/strict";
import { test } from "node:test";
import { MODULES } from "../guest-api/modules.ts";
import { allBindings, generateBindings, writeBindings } from "./generate.ts";

test("the committed output is what the generators print", () => {
  assert.deepEqual(writeBindings(true), [], "run `npm run gen`");
});

test("the first line of every file names its generator", () => {
  for (const one of allBindings()) {
    assert.match(
      one.text.split("\n")[0] ?? "",
      /enerated by runtime\/bindings\/[\w-]+\.ts/,
      one.path,
    );
  }
});

test("every function of every module is in every language", () => {
  for (const module of MODULES) {
    for (const { language, text, path } of allBindings().filter(
      (one) => one.module === module.name,
    )) {
      for (const name of Object.keys(module.functions)) {
        const spelling =
          language === "typescript" ? name.replace(/_(\w)/g, (_, c) => c.toUpperCase()) : name;
        assert.ok(text.includes(spelling), `${name} is missing in ${path}`);
      }
    }
  }
});

test("languages have the names of the original's command line", () => {
  for (const language of ["ts", "c", "c-syms", "rust"]) {
    assert.ok(generateBindings("core", language).text.length > 100, language);
  }
  assert.equal(generateBindings("my-own-cluster", "c").fileName, "core-api-guest.h");
  assert.equal(generateBindings("environment", "ts").fileName, "moc-environment.d.ts");
});

test("an unknown module or language is refused with the names there are", () => {
  assert.throws(() => generateBindings("cores", "c"), {
    code: "MOC_NOT_FOUND",
    message: /"cores".*core, jwt, gpu, platform, environment/,
  });
  assert.throws(() => generateBindings("core", "cobol"), {
    code: "MOC_NOT_FOUND",
    message: /"cobol".*typescript\/ts/,
  });
  assert.throws(() => generateBindings("environment", "c"), { code: "MOC_NOT_FOUND" });
});

test("raw C signatures are the original's", () => {
  const header = generateBindings("core", "c").text;
  for (const signature of [
    "uint32_t read_exchange_buffer(int buffer_id, void *result_bytes, int result_length);",
    "uint32_t persistence_set(const void *key_bytes, int key_length, const void *value_bytes, int value_length);",
    "uint32_t free_buffer(int bufferId);",
    "uint32_t call_function(const char *name_string, int name_length, const char *start_function_string, int start_function_length, const void *arguments_int_array, int arguments_length, const char *mode_string, int mode_length, int input_exchange_buffer_id, int output_exchange_buffer_id, const char *posix_file_name_string, int posix_file_name_length, const void *posix_arguments_string_array, int posix_arguments_length);",
  ]) {
    assert.ok(header.includes(signature), signature);
  }
});
