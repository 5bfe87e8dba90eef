/** Where the schema for completion in sample files is, from the root. */
export const COMPLETION_SCHEMA = "extension/languages/sample-completion.schema.json";

/**
 * The schema of sample files with everything left out that could find fault: other projects have
 * folders named `samples` too, and must not hear of ours. What is wrong in one of our own samples is
 * told by the extension, at its place.
 */
export function completionSchema(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(completionSchema);
  if (typeof schema !== "object" || schema === null) return schema;
  const shown: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(schema)) {
    if (key === "properties") shown[key] = eachValue(value as object);
    else if (key === "enum") shown.examples = value;
    else if (KEPT.has(key)) shown[key] = completionSchema(value);
  }
  return shown;
}

const KEPT: ReadonlySet<string> = new Set(["$schema", "title", "description", "items", "default"]);

function eachValue(properties: object): object {
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, completionSchema(schema)]),
  );
}
