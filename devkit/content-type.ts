import { extname } from "node:path";
import { lookup } from "mrmime";

/** What mrmime does not know, or calls by another name than the platform. */
const OURS: Readonly<Record<string, string>> = {
  ".wasm": "application/wasm",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wgsl": "text/wgsl",
  ".glsl": "text/x-glsl-compute",
  ".comp": "text/x-glsl-compute",
};

const TEXT_WITH_CHARSET = new Set(["text/html", "text/css", "text/plain", "text/markdown"]);

/** Content type of a file by its name. */
export function contentTypeOf(file: string): string {
  const ours = OURS[extname(file).toLowerCase()];
  if (ours) return ours;
  const type = lookup(file) ?? "application/octet-stream";
  return TEXT_WITH_CHARSET.has(type) ? `${type}; charset=utf-8` : type;
}
