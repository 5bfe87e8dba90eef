import { MocError } from "../../protocol/errors.ts";
import type { GpuPass, GpuResource, ShaderBinding, ShaderEntry } from "../../protocol/gpu.ts";
import { PLATFORM_LIMITS } from "../../protocol/limits.ts";
import { runtimeArray, workgroupSizeWith } from "../../protocol/shader-types.ts";
import { elements, isWritten, type PlannedShader } from "./bindings.ts";
import type { Formula, PassDeclaration, WorkgroupRule } from "./declaration.ts";
import type { Scope } from "./scope.ts";

interface ChosenPass {
  readonly entry: ShaderEntry;
  readonly rule: WorkgroupRule | undefined;
  readonly repeat: Formula;
  readonly swap: PassDeclaration["swap"];
}

/**
 * What a call of an entry point runs; empty: as declared.
 * @throws MOC_MANIFEST
 */
export function chosenPasses(
  { shape, declaration, source }: PlannedShader,
  entry: string,
): ChosenPass[] {
  const { passes, workgroups: rule } = declaration;
  if (passes && !entry) return passes.map((pass) => passOf(pass));
  const name = entry || declaration.entry;
  if (name) return [passOf({ entry: name, ...(rule && { workgroups: rule }) })];
  const only = shape.entries.length === 1 ? shape.entries[0] : undefined;
  const main = only ?? shape.entries.find((one) => one.name === "main");
  if (main) return [{ entry: main, rule, repeat: 1, swap: undefined }];
  throw new MocError(
    "MOC_MANIFEST",
    `${source.name} has the entry points ${shape.entries.map((one) => one.name).join(", ")}: declare which one to run (entry), or the passes`,
  );

  function passOf(pass: PassDeclaration): ChosenPass {
    const found = shape.entries.find((one) => one.name === pass.entry);
    const { workgroups: own, repeat = 1, swap } = pass;
    if (found) return { entry: found, rule: own, repeat, swap };
    const names = shape.entries.map((one) => one.name).join(", ");
    throw new MocError(
      "MOC_MANIFEST",
      `${source.name} has no entry point '${pass.entry}'; it has ${names}`,
    );
  }
}

interface Run {
  readonly passes: readonly GpuPass[];
  /** As given, under the names of the bindings where they stand in the end. */
  readonly resources: readonly GpuResource[];
}

/**
 * The dispatches of a call.
 * @param resources one for each binding, in their order
 * @throws MOC_MANIFEST, MOC_BAD_REQUEST
 */
export function buildPasses(
  chosen: readonly ChosenPass[],
  bindings: readonly ShaderBinding[],
  resources: readonly GpuResource[],
  scope: Scope,
): Run {
  const passes: GpuPass[] = [];
  /** Which resource stands at each binding. */
  const places = bindings.map((_, index) => index);
  for (const { entry, rule, repeat, swap } of chosen) {
    const count = scope.evaluate(repeat);
    if (
      !Number.isInteger(count) ||
      count < 1 ||
      passes.length + count > PLATFORM_LIMITS.shaderPasses.value
    ) {
      throw new MocError(
        "MOC_BAD_REQUEST",
        `'${entry.name}' cannot run ${count} times (${repeat}): a call has 1 to ${PLATFORM_LIMITS.shaderPasses.value} passes`,
      );
    }
    const constants = constantsOf(entry, scope);
    const size = workgroupSizeWith(entry, constants);
    const counted = workgroups({ ...entry, workgroupSize: size }, rule, bindings, resources, scope);
    for (let round = 0; round < count; round++) {
      if (round > 0 && swap) exchange(swap, bindings, resources, places);
      passes.push({
        shader: 0,
        entry: entry.name,
        workgroups: counted,
        ...(entry.overrides.length > 0 && { constants }),
        bindings: bindings.map(({ group, binding }, index) => ({
          group,
          binding,
          resource: places[index] ?? index,
        })),
      });
    }
  }
  const named = resources.map((one, index) => {
    const binding = bindings[places.indexOf(index)];
    return binding ? { ...one, name: binding.name } : one;
  });
  return { passes, resources: named };
}

/** Overrides are parameters like others; those that nobody gives keep the shader's own value. */
function constantsOf({ overrides }: ShaderEntry, scope: Scope): Record<string, number> {
  const constants: Record<string, number> = {};
  for (const { name, key, required } of overrides) {
    const given = scope.parameter(name);
    if (given === undefined && !required) continue;
    const value = typeof given === "boolean" ? Number(given) : scope.evaluate(name);
    constants[key] = value;
  }
  return constants;
}

/** What was written becomes what is read. */
function exchange(
  swap: readonly [string, string],
  bindings: readonly ShaderBinding[],
  resources: readonly GpuResource[],
  places: number[],
): void {
  const [one, other] = swap.map((name) => bindings.findIndex((binding) => binding.name === name));
  const first = resources[places[one ?? -1] ?? -1];
  const second = resources[places[other ?? -1] ?? -1];
  if (one === undefined || other === undefined || !first || !second || !isAlike(first, second)) {
    throw new MocError(
      "MOC_MANIFEST",
      `'${swap.join("' and '")}' cannot be swapped: they must be two buffers, or two textures, of one size and kind that the passes use`,
    );
  }
  [places[one], places[other]] = [places[other] ?? other, places[one] ?? one];
}

function isAlike(one: GpuResource, other: GpuResource): boolean {
  if (one.kind === "buffer" && other.kind === "buffer") {
    return one.bytes === other.bytes && one.usage === other.usage;
  }
  if (one.kind !== "texture" || other.kind !== "texture") return false;
  const { format, usage, width, height } = one;
  const isSameSize = width === other.width && height === other.height;
  return isSameSize && format === other.format && usage === other.usage;
}

function workgroups(
  entry: ShaderEntry,
  rule: WorkgroupRule | undefined,
  bindings: readonly ShaderBinding[],
  resources: readonly GpuResource[],
  scope: Scope,
): [number, number, number] {
  if (rule && !("over" in rule)) {
    const [x = 1, y = 1, z = 1] = rule.map((formula) => scope.evaluate(formula));
    return [x, y, z];
  }
  const own = bindings.filter((one) => entry.bindings.includes(one.name));
  const over = rule
    ? own.find((one) => one.name === rule.over)
    : (own.find((one) => one.kind === "storage-texture" && isWritten(one)) ??
      own.find((one) => isWritten(one) && "type" in one && runtimeArray(one.type)) ??
      own.find((one) => one.kind === "storage"));
  const resource = over && resources.find((one) => one.name === over.name);
  if (!over || !resource) {
    const what = rule ? `'${rule.over}', which '${entry.name}' does not use` : "nothing to count";
    throw new MocError(
      "MOC_MANIFEST",
      `the workgroups of '${entry.name}' cannot be counted over ${what}: declare workgroups`,
    );
  }
  const [x, y] = entry.workgroupSize;
  if (resource.kind === "texture") {
    return [Math.ceil(resource.width / x), Math.ceil(resource.height / y), 1];
  }
  const count = "type" in over && resource.kind === "buffer" ? elements(over, resource.bytes) : 1;
  return [Math.ceil(count / x), 1, 1];
}
