import type { Pairs } from "../request/form.ts";
import { element } from "./element.ts";

const TEXT_MAX = 1024 * 1024;
const HEX_MAX = 16 * 1024;

/** Ways to look at a body that make sense for it, the most telling first. */
export function bodyViews(
  bytes: Uint8Array,
  headers: Pairs,
): ("json" | "image" | "text" | "hex")[] {
  const type = contentType(headers);
  const text = decode(bytes);
  if (/^image\/(png|jpeg|gif|webp|avif|bmp|x-icon)/.test(type)) return ["image", "hex"];
  if (text === undefined) return ["hex"];
  if (pretty(text) !== undefined) return ["json", "text", "hex"];
  return ["text", "hex"];
}

/** The body, shown in one way; `label` names a picture for those who do not see it. */
export function bodyView(
  bytes: Uint8Array,
  headers: Pairs,
  view: string,
  label: string,
): HTMLElement {
  if (view === "image") {
    const source = `data:${contentType(headers)};base64,${base64(bytes)}`;
    return element("img", { src: source, alt: `${label}, ${contentType(headers)}` });
  }
  const text = view === "hex" ? hex(bytes) : (decode(bytes) ?? "");
  const shown = view === "json" ? (pretty(text) ?? text) : text;
  const cut = shown.length > TEXT_MAX ? `${shown.slice(0, TEXT_MAX)}\n…` : shown;
  const block = element("pre", { tabindex: "0", "data-view": view });
  if (view === "json") block.append(...highlight(cut));
  else block.textContent = cut;
  return block;
}

export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

function contentType(headers: Pairs): string {
  return headers.find(([name]) => name.toLowerCase() === "content-type")?.[1].toLowerCase() ?? "";
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return text.includes("\u0000") ? undefined : text;
  } catch {
    // Not UTF-8: that is the answer.
    return undefined;
  }
}

function pretty(text: string): string | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    // Looks like JSON and is none: it is shown as text.
    return undefined;
  }
}

/** Keys, strings and other values of indented JSON, coloured. */
function highlight(json: string): Node[] {
  const nodes: Node[] = [];
  let last = 0;
  for (const match of json.matchAll(
    /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d[\d.eE+-]*/g,
  )) {
    nodes.push(document.createTextNode(json.slice(last, match.index)));
    const kind = match[2] ? "key" : match[1] ? "string" : "value";
    nodes.push(element("span", { class: `json-${kind}` }, match[1] ?? match[0]));
    if (match[2]) nodes.push(document.createTextNode(match[2]));
    last = match.index + match[0].length;
  }
  nodes.push(document.createTextNode(json.slice(last)));
  return nodes;
}

function hex(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let offset = 0; offset < Math.min(bytes.length, HEX_MAX); offset += 16) {
    const row = [...bytes.subarray(offset, offset + 16)];
    const digits = row.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const text = row.map((byte) => (byte > 31 && byte < 127 ? String.fromCharCode(byte) : "."));
    lines.push(`${offset.toString(16).padStart(8, "0")}  ${digits.padEnd(47)}  ${text.join("")}`);
  }
  if (bytes.length > HEX_MAX) lines.push("…");
  return lines.join("\n");
}

function base64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
