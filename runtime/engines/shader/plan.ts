import type { GpuInput } from "../../guest-api/gpu/ask.ts";
import { MocError } from "../../protocol/errors.ts";
import type {
  BufferBinding,
  GpuJob,
  GpuResource,
  ShaderBinding,
  TextureFormat,
} from "../../protocol/gpu.ts";
import { TEXTURE_FORMATS } from "../../protocol/gpu.ts";
import { leastBytes, runtimeArray } from "../../protocol/shader-types.ts";
import {
  bodyBinding,
  chooseOutputs,
  elements,
  isParameters,
  type PlannedShader,
} from "./bindings.ts";
import type { BindingDeclaration, ResultForm } from "./declaration.ts";
import { chooseForm } from "./form.ts";
import { parameterBytes } from "./parameters.ts";
import { buildPasses, chosenPasses } from "./passes.ts";
import type { ShaderRequest } from "./request.ts";
import type { Scope } from "./scope.ts";
import { pack } from "./values.ts";

/** A request translated into work for the GPU, and how its outputs become the answer. */
export interface Plan {
  readonly job: GpuJob;
  readonly inputs: readonly GpuInput[];
  /** The form that the caller gets. */
  readonly form: ResultForm;
  /** The bindings that are read back, in the order of the answer. */
  readonly outputs: readonly ShaderBinding[];
}

const wrong = (message: string) => new MocError("MOC_SHADER_BINDING", message);

/**
 * Makes a job of a request: what reflection says, completed by the declaration.
 * @param entry given by the plug; empty: as declared
 * @throws MOC_SHADER_BINDING, MOC_BAD_REQUEST, MOC_MANIFEST
 */
export function planJob(
  shader: PlannedShader,
  request: ShaderRequest,
  scope: Scope,
  entry: string,
): Plan {
  const passes = chosenPasses(shader, entry);
  const used = new Set(passes.flatMap((pass) => pass.entry.bindings));
  const bindings = shader.shape.bindings.filter((one) => used.has(one.name));
  const planner = new Planner(shader, bindings, request, scope);
  const { resources, inputs } = planner.plan();
  const run = buildPasses(passes, bindings, resources, scope);
  const outputs = chooseOutputs(shader.declaration, bindings);
  const outputNames = new Set(outputs.map((one) => one.name));
  const form = chooseForm(outputs, shader.declaration.result ?? {}, request.accept);
  return {
    inputs,
    outputs,
    form,
    job: {
      shaders: [shader.source],
      resources: run.resources.map((one) => outputOf(one, outputNames.has(one.name), form)),
      passes: run.passes,
    },
  };
}

function outputOf(resource: GpuResource, output: boolean, form: ResultForm): GpuResource {
  if (resource.kind === "sampler") return resource;
  const asColours = output && form === "png" && "format" in resource;
  if (!asColours || resource.format !== "rgba32float") return { ...resource, output };
  return { ...resource, output, asColours };
}

/** Collects the resources of one job. Inputs come first: the sizes of the others may need them. */
class Planner {
  readonly #shader: PlannedShader;
  readonly #bindings: readonly ShaderBinding[];
  readonly #request: ShaderRequest;
  readonly #scope: Scope;
  readonly #inputs: GpuInput[] = [];
  readonly #resources = new Map<ShaderBinding, GpuResource>();

  constructor(
    shader: PlannedShader,
    bindings: readonly ShaderBinding[],
    request: ShaderRequest,
    scope: Scope,
  ) {
    this.#shader = shader;
    this.#bindings = bindings;
    this.#request = request;
    this.#scope = scope;
  }

  plan(): { readonly resources: readonly GpuResource[]; readonly inputs: readonly GpuInput[] } {
    const body = bodyBinding(this.#bindings, this.#shader.declaration);
    const later: ShaderBinding[] = [];
    for (const binding of this.#bindings) {
      const content = this.#content(binding, binding === body);
      if (content) this.#add(binding, content.bytes, content.picture);
      else later.push(binding);
    }
    for (const binding of later) this.#addLater(binding, body);
    const resources = this.#bindings.flatMap((one) => this.#resources.get(one) ?? []);
    return { resources, inputs: this.#inputs };
  }

  #declared(binding: ShaderBinding): BindingDeclaration {
    return this.#shader.declaration.bindings?.[binding.name] ?? {};
  }

  /** What the caller gave for a binding; undefined: it starts as zeros. */
  #content(
    binding: ShaderBinding,
    isBody: boolean,
  ):
    | { readonly bytes: GpuInput; readonly picture?: { width: number; height: number } }
    | undefined {
    if (binding.kind === "sampler" || binding.kind === "storage-texture") return undefined;
    if (binding.kind === "texture") {
      const { picture } = this.#request;
      if (!picture) throw wrong(`'${binding.name}' takes a picture: send a PNG as the body`);
      return { bytes: picture.rgba, picture };
    }
    if (this.#declared(binding).from === "zero") return undefined;
    const field = this.#request.field(binding.name);
    if (field !== undefined && binding.kind === "storage") {
      return { bytes: pack(binding.type, field, `'${binding.name}'`) };
    }
    if (isBody && binding.kind === "storage") return { bytes: this.#bodyBytes(binding) };
    if (isParameters(binding)) return undefined;
    if (binding.kind === "storage" && binding.access === "read") {
      throw wrong(`'${binding.name}' has no content: send a JSON body with a field of this name`);
    }
    return undefined;
  }

  #bodyBytes(binding: BufferBinding): GpuInput {
    const { bytes, json, picture } = this.#request;
    const { name } = binding;
    if (json !== undefined) return pack(binding.type, json, `the body, for '${name}',`);
    const given = picture?.rgba ?? bytes;
    if (!given || given.length === 0) {
      throw wrong(
        `'${name}' takes the body, which is empty: send ${leastBytes(binding.type)} bytes an element, or JSON numbers`,
      );
    }
    const array = runtimeArray(binding.type);
    const rest = array ? (given.length - array.offset) % array.stride : 0;
    if (array && rest !== 0) {
      throw wrong(
        `'${name}' has elements of ${array.stride} bytes${array.offset ? ` after ${array.offset}` : ""}, but the body has ${given.length} bytes`,
      );
    }
    return given;
  }

  #add(
    binding: ShaderBinding,
    bytes: GpuInput,
    picture?: { readonly width: number; readonly height: number },
  ): void {
    const input = this.#inputs.push(bytes) - 1;
    const { name } = binding;
    if (binding.kind === "texture" && picture) {
      const { width, height } = picture;
      this.#scope.define(name, { width, height, length: width * height });
      const usage = "sampled" as const;
      const texture = { name, input, width, height, usage, output: false } as const;
      this.#resources.set(binding, { kind: "texture", format: "rgba8unorm", ...texture });
      return;
    }
    if (binding.kind !== "storage" && binding.kind !== "uniform") return;
    const facts = this.#request.picture && binding.kind === "storage" ? this.#request.picture : {};
    this.#scope.define(name, { ...facts, length: elements(binding, bytes.length) });
    const size = Math.max(bytes.length, leastBytes(binding.type));
    const { kind: usage } = binding;
    this.#resources.set(binding, {
      kind: "buffer",
      name,
      bytes: size,
      usage,
      input,
      output: false,
    });
  }

  #addLater(binding: ShaderBinding, body: ShaderBinding | undefined): void {
    const { name } = binding;
    if (binding.kind === "sampler") {
      this.#resources.set(binding, { kind: "sampler", name });
    } else if (binding.kind === "storage-texture") {
      this.#addTexture(binding, binding.format, body);
    } else if (binding.kind !== "texture" && isParameters(binding)) {
      this.#add(binding, parameterBytes(binding, this.#scope));
    } else if (binding.kind === "storage") {
      const bytes = this.#zeroBytes(binding, body);
      this.#scope.define(name, { length: elements(binding, bytes) });
      this.#resources.set(binding, {
        kind: "buffer",
        name,
        bytes,
        usage: "storage",
        output: false,
      });
    }
  }

  #zeroBytes(binding: BufferBinding, body: ShaderBinding | undefined): number {
    const array = runtimeArray(binding.type);
    if (!array) return leastBytes(binding.type);
    const { length } = this.#declared(binding);
    const like = body && body !== binding ? `${body.name}.length` : undefined;
    const formula = length ?? like;
    if (formula === undefined) {
      throw wrong(
        `declare how many elements '${binding.name}' has: bindings.${binding.name}.length`,
      );
    }
    const count = this.#scope.evaluate(formula);
    if (!Number.isInteger(count) || count < 1) {
      throw wrong(`'${binding.name}' cannot have ${count} elements (${formula})`);
    }
    return array.offset + count * array.stride;
  }

  #addTexture(binding: ShaderBinding, format: string, body: ShaderBinding | undefined): void {
    const { name } = binding;
    if (!(format in TEXTURE_FORMATS)) {
      throw wrong(
        `'${name}' has the format ${format}; functions can use ${Object.keys(TEXTURE_FORMATS).join(", ")}`,
      );
    }
    const declared = this.#declared(binding);
    const pictured = this.#request.picture && body;
    const width = this.#scope.evaluate(
      declared.width ?? (pictured ? `${body.name}.width` : "width"),
    );
    const height = this.#scope.evaluate(
      declared.height ?? (pictured ? `${body.name}.height` : "height"),
    );
    this.#scope.define(name, { width, height, length: width * height });
    this.#resources.set(binding, {
      kind: "texture",
      name,
      format: format as TextureFormat,
      width,
      height,
      usage: "storage",
      output: false,
    });
  }
}
