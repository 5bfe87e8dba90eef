import type { ShaderBinding } from "../../protocol/gpu.ts";
import type { ResultDeclaration, ResultForm } from "./declaration.ts";

/** Content types of the forms that a result can have. */
export const FORM_TYPES: Readonly<Record<ResultForm, string>> = {
  raw: "application/octet-stream",
  json: "application/json",
  png: "image/png",
};

/** The form that the caller asks for, else the declared one, else what suits the outputs. */
export function chooseForm(
  outputs: readonly ShaderBinding[],
  declared: ResultDeclaration,
  accept: string,
): ResultForm {
  return negotiate(accept, offers(outputs, declared));
}

/** Forms that the outputs can take, the preferred one first. */
function offers(outputs: readonly ShaderBinding[], declared: ResultDeclaration): ResultForm[] {
  const [output, ...others] = outputs;
  if (!output || others.length > 0) return declared.as ? [declared.as, "json"] : ["json"];
  const isTexture = !("type" in output);
  const suits: ResultForm[] = isTexture ? ["png", "raw", "json"] : ["raw", "json"];
  if (declared.width !== undefined && !isTexture) suits.push("png");
  return declared.as ? [declared.as, ...suits.filter((one) => one !== declared.as)] : suits;
}

/** RFC 9110 section 12.5.1; when nothing is acceptable, the first offer is sent all the same. */
function negotiate(accept: string, forms: readonly ResultForm[]): ResultForm {
  const ranges = accept.split(",").map((range) => {
    const [type = "", ...parameters] = range.split(";").map((one) => one.trim().toLowerCase());
    const quality = parameters.find((one) => one.startsWith("q="))?.slice("q=".length);
    return { type, quality: quality === undefined ? 1 : Number(quality) || 0 };
  });
  const qualityOf = (form: ResultForm): number => {
    const exact = FORM_TYPES[form];
    const group = `${exact.split("/")[0]}/*`;
    for (const type of [exact, group, "*/*"]) {
      const range = ranges.find((one) => one.type === type);
      if (range) return range.quality;
    }
    return 0;
  };
  const [first = "raw", ...others] = forms;
  return others.reduce((best, form) => (qualityOf(form) > qualityOf(best) ? form : best), first);
}
