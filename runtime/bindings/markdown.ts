import {
  camelCase,
  type GuestFunction,
  type GuestModule,
  type Param,
  type ParamType,
} from "../guest-api/define.ts";
import { type BindingLanguage, functionsOf, origin } from "./binding-language.ts";
import { isLenientLookUp, isOriginal, mayBeAbsent, ownership } from "./function-shape.ts";

/** Reference pages; their committed output is docs/guest-api/. */
export const markdown: BindingLanguage = {
  id: "markdown",
  aliases: ["md"],
  title: "Markdown reference",
  fileName: (module) => `${module.name}.md`,
  print: (module) =>
    [
      `<!-- ${origin("markdown.ts", module)} -->`,
      `# Guest API module \`${module.name}\``,
      "",
      module.doc,
      ...(module.aliases.length > 0
        ? ["", `Also importable as ${module.aliases.map((alias) => `\`${alias}\``).join(", ")}.`]
        : []),
      "",
      "WebAssembly guests import the snake_case names: texts and bytes are (pointer, length) pairs of",
      "`i32`; data comes back as the id of a new exchange buffer, which is read with",
      "`core.read_exchange_buffer` and freed with `core.free_buffer`; a failure is `0xffff`. JavaScript",
      `guests call \`requireApi("${module.name}")\` (scripts) or \`env.api("${module.name}")\` (modules, answering`,
      "promises) and get camelCase names; a failure is thrown. The bindings of each language do this for you.",
      "[How it all fits together](../guides/guest-api.md).",
      "",
      "| function | what it does |",
      "|---|---|",
      ...functionsOf(module).map(
        ([name, fn]) => `| [\`${name}\`](#${name}) | ${cell(fn.doc.split(/(?<=\.) /)[0] ?? "")} |`,
      ),
      "",
      ...functionsOf(module).flatMap(([name, fn]) => section(module, name, fn)),
    ].join("\n"),
};

function section(module: GuestModule, name: string, fn: GuestFunction): string[] {
  const owned = ownership(fn);
  return [
    `## ${name}`,
    "",
    [fn.doc, ...(owned ? [owned] : [])].join(" "),
    "",
    "```",
    `wasm        ${name}(${wasmParams(fn).join(", ")}) -> i32`,
    `JavaScript  ${camelCase(name)}(${fn.params.map((param) => camelCase(param.name)).join(", ")})`,
    "```",
    "",
    ...(fn.params.length > 0
      ? [
          "| parameter | type | |",
          "|---|---|---|",
          ...fn.params.map(
            (param) => `| \`${param.name}\` | ${TYPES[param.type]} | ${cell(param.doc ?? "")} |`,
          ),
          "",
        ]
      : []),
    `Returns ${fn.returns}${absence(name)}.`,
    ...notes(module, name, fn),
    "",
  ];
}

const TYPES: Readonly<Record<ParamType, string>> = {
  int: "integer",
  buffer_id: "buffer id",
  string: "text (UTF-8)",
  bytes: "bytes",
  dest: "space to be filled",
  ints: "list of i32",
  strings: "list of texts",
  map: "map of texts to bytes",
};

function wasmParams(fn: GuestFunction): string[] {
  const pairs = fn.params.flatMap((param: Param) =>
    param.type === "int" || param.type === "buffer_id"
      ? [`${param.name}: i32`]
      : [`${param.name}_ptr: i32`, `${param.name}_${param.type === "ints" ? "count" : "len"}: i32`],
  );
  return fn.result === "bytes" ? [...pairs, "result_ptr: i32", "result_len: i32"] : pairs;
}

function notes(module: GuestModule, name: string, fn: GuestFunction): string[] {
  const facts = [
    ...(fn.waits ? ["It may wait for the host; the guest is suspended meanwhile."] : []),
    ...(isOriginal(module, name) ? [] : ["Not in the original platform."]),
  ];
  return facts.length > 0 ? ["", facts.join(" ")] : [];
}

function absence(name: string): string {
  if (mayBeAbsent(name)) return " (JavaScript: `undefined` if there is nothing)";
  return isLenientLookUp(name)
    ? " (scripts with `requireApi`: `undefined` instead of a failure)"
    : "";
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
