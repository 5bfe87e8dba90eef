import type { FunctionPlug } from "../runtime/protocol/model.ts";
import type { FunctionSummary } from "../runtime/protocol/rest.ts";

/** By which URL a page can run a shader: one without parameters, best one that wants no body. */
export function shaderPlug({ plugs }: FunctionSummary): FunctionPlug | undefined {
  const usable = plugs.filter(
    (plug): plug is FunctionPlug => plug.type === "function" && !/[!*]/.test(plug.path),
  );
  return usable.find((plug) => plug.method === "get") ?? usable[0];
}

/** The shader to show first: one that runs as it is, else one that wants a body, else any. */
export function firstShader(shaders: readonly FunctionSummary[]): FunctionSummary | undefined {
  const plugged = shaders.filter((one) => shaderPlug(one));
  const ready = plugged.find((one) => shaderPlug(one)?.method === "get" && !wantsInput(one));
  return ready ?? plugged[0] ?? shaders[0];
}

/** Whether it declares that a body feeds it. */
function wantsInput({ settings }: FunctionSummary): boolean {
  const { bindings = {} } = (settings.shader ?? {}) as {
    readonly bindings?: Readonly<Record<string, { readonly from?: string } | undefined>>;
  };
  return Object.values(bindings).some((one) => one?.from === "body" || one?.from === "json");
}
