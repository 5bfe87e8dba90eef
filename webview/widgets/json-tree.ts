import { html, type TemplateResult } from "lit";

const OPEN_DEPTH = 2;
const CHILDREN_MAX = 500;

/** A JSON value that opens and closes, level by level. */
export function jsonTree(value: unknown, depth = 0): TemplateResult {
  if (typeof value !== "object" || value === null) return leaf(value);
  const list = Array.isArray(value);
  const entries = Object.entries(value);
  if (entries.length === 0) return html`<span class="dim">${list ? "[]" : "{}"}</span>`;
  return html`<details class="json" ?open=${depth < OPEN_DEPTH}>
    <summary class="dim">${list ? `[${entries.length}]` : `{${entries.length}}`}</summary>
    ${entries
      .slice(0, CHILDREN_MAX)
      .map(
        ([name, child]) =>
          html`<div class="json-child"><span class="json-key">${name}:</span> ${jsonTree(child, depth + 1)}</div>`,
      )}
    ${
      entries.length > CHILDREN_MAX
        ? html`<div class="dim">… ${entries.length - CHILDREN_MAX} more</div>`
        : ""
    }
  </details>`;
}

function leaf(value: unknown): TemplateResult {
  if (typeof value === "string")
    return html`<span class="json-string">${JSON.stringify(value)}</span>`;
  return html`<span class="json-other">${String(value)}</span>`;
}
