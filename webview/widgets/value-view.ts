import { html, type TemplateResult } from "lit";
import { asJson, asText, hexDump, imageType } from "../bytes.ts";
import { dropdown } from "../toolkit.ts";
import { jsonTree } from "./json-tree.ts";
import { picture } from "./picture.ts";

export type ValueForm = "json" | "image" | "text" | "hex";

const SHOWN_BYTES = 256 * 1024;

/** The form in which bytes say most. */
export function bestForm(bytes: Uint8Array): ValueForm {
  if (imageType(bytes)) return "image";
  if (asJson(bytes) !== undefined) return "json";
  return asText(bytes) === undefined ? "hex" : "text";
}

/** Bytes as JSON tree, picture, text or hex; what is long is cut, and says so. */
export function valueView(bytes: Uint8Array, form: ValueForm): TemplateResult {
  const type = imageType(bytes);
  if (form === "image" && type) return picture(bytes, type);
  const json = form === "json" ? asJson(bytes) : undefined;
  if (json !== undefined) return html`<div class="box mono">${jsonTree(json)}</div>`;
  const text = form === "hex" ? undefined : asText(bytes.subarray(0, SHOWN_BYTES));
  const cut = bytes.length > SHOWN_BYTES;
  return html`<pre class="box" tabindex="0">${text ?? hexDump(bytes, SHOWN_BYTES / 16)}</pre>
    ${cut ? html`<div class="dim">Only the beginning is shown; download it to see all.</div>` : ""}`;
}

export function formChoice(
  bytes: Uint8Array,
  form: ValueForm,
  onChange: (form: ValueForm) => void,
  label = "Shown as",
): TemplateResult {
  const possible: (readonly [ValueForm, string])[] = [
    ["text", "Text"],
    ["hex", "Hex"],
  ];
  if (asJson(bytes) !== undefined) possible.unshift(["json", "JSON"]);
  if (imageType(bytes)) possible.unshift(["image", "Picture"]);
  return dropdown({
    label,
    value: form,
    choices: possible,
    onChange: (value) => onChange(value as ValueForm),
  });
}
