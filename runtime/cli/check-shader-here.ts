import type { ShaderChecker } from "../../devkit/check-shader.ts";
import { checkDeclaration } from "../engines/shader/check.ts";
import { checkInThread } from "../gpu/check-in-thread.ts";

/** Checks a shader where there is no runtime to compile it for its GPU. */
export const checkShaderHere: ShaderChecker = async (request) => {
  const { shape, problems } = await checkInThread(request.source);
  const declared = shape ? checkDeclaration(request, shape) : [];
  return {
    problems: [...problems, ...declared],
    note: "syntax, types and declaration were checked; the GPU's own compiler checks the rest when it is deployed (moc deploy)",
  };
};
