import type { GuestFunction, GuestModule, Param } from "../guest-api/define.ts";
import { type BindingLanguage, functionsOf, origin } from "./binding-language.ts";
import { rawName, wrapperName } from "./c-names.ts";
import { C_MACROS, C_SUPPORT } from "./c-support.ts";
import { countedParam, ownership } from "./function-shape.ts";

/** A header with the raw imports of the original and `moc_…` functions over them. */
export const c: BindingLanguage = {
  id: "c",
  aliases: ["h"],
  title: "C",
  fileName: (module) => `${module.name}-api-guest.h`,
  print: (module) =>
    [
      `/* ${origin("c.ts", module)} */`,
      "",
      `/* Guest API module "${module.name}". ${module.doc} */`,
      "",
      `#ifndef ${module.name}_api_h`,
      `#define ${module.name}_api_h`,
      "",
      "#include <stdint.h>",
      "",
      C_MACROS,
      "/* ---- Raw imports: (pointer, length) pairs; 0xffff means failure. ---- */",
      "",
      ...functionsOf(module).flatMap(([name, fn]) => rawImport(module, name, fn)),
      C_SUPPORT,
      `/* ---- ${module.name}: the same functions over moc_bytes and moc_arena. ---- */`,
      "",
      ...functionsOf(module).flatMap(([name, fn]) => wrapper(module, name, fn)),
      "#endif",
      "",
    ].join("\n"),
};

function rawImport(module: GuestModule, name: string, fn: GuestFunction): string[] {
  const params = fn.params.map(rawParam);
  if (fn.result === "bytes") params.push("void *result_bytes, int result_length");
  return [
    `// ${fn.doc} Returns: ${rawReturns(fn)}.`,
    `WASM_IMPORT("${module.name}", "${name}") uint32_t ${rawName(module, name)}(${params.join(", ") || "void"});`,
  ];
}

function rawReturns(fn: GuestFunction): string {
  const inBuffer = fn.result === "buffer" || fn.result === "string" || fn.result === "map";
  return inBuffer ? `id of a new buffer with the ${fn.result}: ${fn.returns}` : fn.returns;
}

const RAW_PARAMS = {
  int: (name: string) => `int ${name}`,
  buffer_id: (name: string) => `int ${name}`,
  string: (name: string) => `const char *${name}_string, int ${name}_length`,
  bytes: (name: string) => `const void *${name}_bytes, int ${name}_length`,
  dest: (name: string) => `void *${name}_bytes, int ${name}_length`,
  ints: (name: string) => `const void *${name}_int_array, int ${name}_length`,
  strings: (name: string) => `const void *${name}_string_array, int ${name}_length`,
  map: (name: string) => `const void *${name}_map, int ${name}_length`,
} as const;

function rawParam(param: Param): string {
  return RAW_PARAMS[param.type](param.name);
}

const PARAMS = {
  int: (name: string) => `int32_t ${name}`,
  buffer_id: (name: string) => `uint32_t ${name}`,
  string: (name: string) => `moc_bytes ${name}`,
  bytes: (name: string) => `moc_bytes ${name}`,
  dest: (name: string) => `void *${name}, uint32_t ${name}_length`,
  ints: (name: string) => `const int32_t *${name}, uint32_t ${name}_count`,
  strings: (name: string) => `moc_list ${name}`,
  map: (name: string) => `moc_list ${name}`,
} as const;

const ARGUMENTS = {
  int: (name: string) => name,
  buffer_id: (name: string) => `(int)${name}`,
  string: (name: string) => `(const char *)${name}.data, (int)${name}.length`,
  bytes: (name: string) => `${name}.data, (int)${name}.length`,
  dest: (name: string) => `${name}, (int)${name}_length`,
  ints: (name: string) => `${name}, (int)${name}_count`,
  strings: (name: string) => `${name}.data, (int)${name}.length`,
  map: (name: string) => `${name}.data, (int)${name}.length`,
} as const;

function wrapper(module: GuestModule, name: string, fn: GuestFunction): string[] {
  const params = fn.params.map((param) => PARAMS[param.type](param.name));
  const args = fn.params.map((param) => ARGUMENTS[param.type](param.name)).join(", ");
  const raw = `${rawName(module, name)}(${args}`;
  const declare = (result: string, extra: readonly string[]) =>
    `static inline ${result} ${wrapperName(module, name)}(${[...extra, ...params].join(", ") || "void"}) {`;
  const comment = (answers: string) => wrapperComment(fn, answers);

  if (fn.result === "int" || fn.result === "buffer_id") {
    return [
      ...comment(`${fn.returns}; MOC_FAILURE if it failed${ambiguity(name, fn)}`),
      declare("uint32_t", []),
      ...limitedDest(name, fn),
      `  return ${raw});`,
      "}",
      "",
    ];
  }
  const answers = `MOC_OK, MOC_FAILED or MOC_ARENA_FULL; *result: ${fn.returns}, in the arena`;
  if (fn.result === "bytes") {
    return [
      ...comment(answers),
      declare("moc_status", ["moc_arena *arena", "moc_bytes *result"]),
      "  result->data = 0;",
      "  result->length = 0;",
      `  uint32_t size = ${raw}, 0, 0);`,
      "  uint8_t *space = moc_arena_sized(arena, size);",
      "  if (!space) return MOC_ARENA_FULL;",
      `  uint32_t copied = ${raw}, space, (int)size);`,
      "  return moc_arena_copied(arena, space, size, copied, result);",
      "}",
      "",
    ];
  }
  const result = fn.result === "map" ? "moc_list *result" : "moc_bytes *result";
  const take = fn.result === "map" ? "moc_take_list" : "moc_take";
  return [
    ...comment(answers),
    declare("moc_status", ["moc_arena *arena", result]),
    `  return ${take}(arena, ${raw}), result);`,
    "}",
    "",
  ];
}

/** Line comments: path patterns such as `/a/*rest` would begin a comment within a block comment. */
function wrapperComment(fn: GuestFunction, answers: string): string[] {
  const owned = ownership(fn);
  return [
    `// ${fn.doc}`,
    ...(owned ? [`// ${owned}`] : []),
    ...fn.params.filter((param) => param.doc).map((param) => `// ${param.name}: ${param.doc}`),
    `// Returns: ${answers}.`,
  ];
}

/** A part may always be shorter than dest: never ask for as many bytes as the failure value. */
function limitedDest(name: string, fn: GuestFunction): string[] {
  const counted = countedParam(name, fn);
  if (counted?.type !== "dest") return [];
  const length = `${counted.name}_length`;
  return [`  if (${length} >= MOC_FAILURE) ${length} = MOC_FAILURE - 1;`];
}

function ambiguity(name: string, fn: GuestFunction): string {
  const counted = countedParam(name, fn);
  return counted?.type === "bytes" ? `, or if ${counted.name} has exactly 65535 bytes` : "";
}
