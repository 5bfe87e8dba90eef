import { MocError } from "../../protocol/errors.ts";
import {
  type ShaderBinding,
  type ShaderCheckRequest,
  type ShaderProblem,
  type ShaderShape,
  TEXTURE_FORMATS,
} from "../../protocol/gpu.ts";
import { runtimeArray } from "../../protocol/shader-types.ts";
import { bodyBinding, chooseOutputs, isParameters } from "./bindings.ts";
import { readDeclaration, type ShaderDeclaration, type WorkgroupRule } from "./declaration.ts";
import { evaluate } from "./formula.ts";
import { chosenPasses } from "./passes.ts";

const FACTS = ["length", "width", "height"];

/**
 * What is wrong with a shader's declaration, and what of it would fail in every call: found by
 * comparing it with the shader's shape, before anybody calls.
 */
export function checkDeclaration(
  request: ShaderCheckRequest,
  shape: ShaderShape,
): readonly ShaderProblem[] {
  const report = new Report(request);
  let declaration: ShaderDeclaration;
  try {
    const { source } = request;
    declaration = readDeclaration(request.declaration, source.text, source.name);
  } catch (error) {
    report.unreadable(MocError.from(error));
    return report.problems;
  }
  const checker = new DeclarationChecker(declaration, shape, report);
  checker.checkNames();
  if (report.problems.length === 0) {
    for (const start of new Set(request.starts))
      checkCalls(request, declaration, shape, start, report);
  }
  return report.problems;
}

/** What is declared must be there. */
class DeclarationChecker {
  readonly #declaration: ShaderDeclaration;
  readonly #shape: ShaderShape;
  readonly #report: Report;
  /** Names that formulas use, and members that calls fill. */
  readonly #used: Set<string>;

  constructor(declaration: ShaderDeclaration, shape: ShaderShape, report: Report) {
    this.#declaration = declaration;
    this.#shape = shape;
    this.#report = report;
    this.#used = parameterNames(shape.bindings);
    for (const { overrides } of shape.entries) {
      for (const { name } of overrides) this.#used.add(name);
    }
  }

  checkNames(): void {
    const { bindings = {}, entry, passes = [], result, workgroups } = this.#declaration;
    for (const [name, one] of Object.entries(bindings)) {
      this.#binding(["bindings", name], name);
      for (const size of FACTS) {
        this.#formula(["bindings", name, size], one[size as keyof typeof one]);
      }
    }
    if (entry !== undefined) this.#entry(["entry"], entry);
    this.#workgroups(["workgroups"], workgroups);
    for (const [index, pass] of passes.entries()) {
      this.#entry(["passes", `${index}`, "entry"], pass.entry);
      this.#workgroups(["passes", `${index}`, "workgroups"], pass.workgroups);
      this.#formula(["passes", `${index}`, "repeat"], pass.repeat);
      for (const name of pass.swap ?? []) this.#binding(["passes", `${index}`, "swap"], name);
    }
    for (const name of [result?.binding ?? []].flat()) this.#binding(["result", "binding"], name);
    this.#formula(["result", "width"], result?.width);
    this.#formula(["result", "height"], result?.height);
    this.#parameters();
  }

  #parameters(): void {
    const declared = Object.entries(this.#declaration.parameters ?? {});
    for (const [name, one] of declared) {
      const plain = typeof one === "object" && !Array.isArray(one) && "default" in one;
      const value = plain ? one.default : one;
      if (typeof value === "string") this.#formula(["parameters", name], value);
    }
    for (const [name] of declared) {
      if (this.#used.has(name)) continue;
      const known = [...this.#used].join(", ") || "nothing";
      const message = `nothing takes the parameter '${name}'; what can be given is ${known}`;
      this.#report.declared(["parameters", name], message, "warning");
    }
  }

  #entry(path: readonly string[], name: string): void {
    const names = this.#shape.entries.map((one) => one.name);
    if (names.includes(name)) return;
    this.#report.declared(
      path,
      `the shader has no entry point '${name}'; it has ${names.join(", ")}`,
    );
  }

  #binding(path: readonly string[], name: string): void {
    const names = this.#shape.bindings.map((one) => one.name);
    if (names.includes(name)) return;
    const known = names.join(", ") || "none";
    this.#report.declared(path, `the shader has no binding '${name}'; it has ${known}`);
  }

  #workgroups(path: readonly string[], rule: WorkgroupRule | undefined): void {
    if (!rule) return;
    if ("over" in rule) this.#binding([...path, "over"], rule.over);
    else for (const [index, one] of rule.entries()) this.#formula([...path, `${index}`], one);
  }

  #formula(path: readonly string[], formula: unknown): void {
    if (typeof formula !== "string") return;
    try {
      evaluate(formula, (name) => this.#name(path, name));
    } catch (error) {
      this.#report.declared(path, MocError.from(error).message);
    }
  }

  /** Any number will do: only the names matter. */
  #name(path: readonly string[], name: string): number {
    const [binding = "", fact] = name.split(".");
    if (fact === undefined) this.#used.add(name);
    else if (FACTS.includes(fact)) this.#binding(path, binding);
    else this.#report.declared(path, `'${name}' is not known; bindings have ${FACTS.join(", ")}`);
    return 1;
  }
}

/** What every call of an entry point would fail with. */
function checkCalls(
  { source }: ShaderCheckRequest,
  declaration: ShaderDeclaration,
  shape: ShaderShape,
  start: string,
  report: Report,
): void {
  try {
    const passes = chosenPasses({ source, shape, declaration }, start);
    const names = new Set(passes.flatMap((pass) => pass.entry.bindings));
    const used = shape.bindings.filter((one) => names.has(one.name));
    chooseOutputs(declaration, used);
    const body = bodyBinding(used, declaration);
    for (const binding of used) {
      const problem = bindingProblem(binding, body, declaration);
      if (problem) report.binding(binding.name, problem);
    }
  } catch (error) {
    report.source(MocError.from(error).message);
  }
}

function bindingProblem(
  binding: ShaderBinding,
  body: ShaderBinding | undefined,
  declaration: ShaderDeclaration,
): string | undefined {
  const { name } = binding;
  if (binding.kind === "storage-texture" && !(binding.format in TEXTURE_FORMATS)) {
    return `'${name}' has the format ${binding.format}; functions can use ${Object.keys(TEXTURE_FORMATS).join(", ")}`;
  }
  // What is only read has to be given: the length comes with it.
  if (binding.kind !== "storage" || binding.access === "read" || body) return undefined;
  if (!runtimeArray(binding.type)) return undefined;
  const { length, from } = declaration.bindings?.[name] ?? {};
  if (length !== undefined || from === "json") return undefined;
  return `declare how many elements '${name}' has: bindings.${name}.length`;
}

/** Members of what is filled by parameters, and the sizes of textures, which are parameters too. */
function parameterNames(bindings: readonly ShaderBinding[]): Set<string> {
  const names = new Set<string>();
  for (const binding of bindings) {
    if (binding.kind === "storage-texture") names.add("width").add("height");
    if ((binding.kind !== "uniform" && binding.kind !== "storage") || !isParameters(binding))
      continue;
    if (binding.type.kind !== "struct") names.add(binding.name);
    else for (const member of binding.type.members) names.add(member.name);
  }
  return names;
}

/** Collects problems and finds their places. */
class Report {
  readonly problems: ShaderProblem[] = [];
  readonly #text: string;
  readonly #isBeside: boolean;

  constructor({ source, declaration }: ShaderCheckRequest) {
    this.#text = source.text;
    this.#isBeside = declaration !== undefined;
  }

  /** Of a field of the declaration. */
  declared(
    path: readonly string[],
    message: string,
    severity: ShaderProblem["severity"] = "error",
  ): void {
    const comment = this.#text.search(/\bmoc:\s*\{/);
    const name = path.findLast((part) => !/^\d+$/.test(part)) ?? "";
    const field = this.#isBeside ? -1 : this.#text.indexOf(`"${name}"`, Math.max(comment, 0));
    this.#add({
      severity,
      message,
      ...this.#place(this.#isBeside ? 0 : Math.max(field, comment, 0)),
      ...(this.#isBeside && { declaration: path }),
    });
  }

  /** It says itself which field it means: `bindings.image must be…`. */
  unreadable({ message, position }: MocError): void {
    const text = message.replace(/^the shader declaration of '.*?': /, "");
    if (position && !this.#isBeside) {
      this.#add({ severity: "error", message: text, line: position.line, column: 1 });
      return;
    }
    const path = /^([\w.]+) (?:must|has)\b/.exec(text)?.[1]?.split(".") ?? [];
    this.declared(path, text);
  }

  /** Of a binding, where the shader declares it. */
  binding(name: string, message: string): void {
    const declared = new RegExp(`(?:\\bvar\\b|\\bbinding\\b)[^\\n]*?\\b(${name})\\b`).exec(
      this.#text,
    );
    const at = declared ? declared.index + declared[0].lastIndexOf(name) : 0;
    this.#add({ severity: "error", message, ...this.#place(at) });
  }

  /** Of the shader as a whole. */
  source(message: string): void {
    this.#add({ severity: "error", message, line: 1, column: 1 });
  }

  #add(problem: ShaderProblem): void {
    const isKnown = this.problems.some(({ message }) => message === problem.message);
    if (!isKnown) this.problems.push(problem);
  }

  #place(offset: number): { readonly line: number; readonly column: number } {
    const before = this.#text.slice(0, offset).split("\n");
    return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
  }
}
