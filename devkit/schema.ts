import type { FieldShapes, Shape } from "./shape.ts";

/** The JSON schema (draft-07, what VS Code completes by) of a file that a shape describes. */
export function jsonSchema(shape: Shape, title: string): object {
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title,
    ...schemaOf(shape),
  };
}

function schemaOf(shape: Shape): object {
  const description = shape.doc;
  switch (shape.kind) {
    case "json":
      return { description };
    case "string":
      return { type: "string", description, ...(shape.values && { enum: shape.values }) };
    case "integer":
    case "number":
      return { type: shape.kind, description, minimum: shape.min, maximum: shape.max };
    case "list":
      return { type: "array", description, items: schemaOf(shape.of) };
    case "record":
      return { type: "object", description, additionalProperties: schemaOf(shape.of) };
    case "object":
      return { description, ...objectSchema(shape.fields) };
  }
}

function objectSchema(fields: FieldShapes): object {
  const names = Object.keys(fields);
  const properties = Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, schemaOf(field)]),
  );
  const required = names.filter((name) => !fields[name]?.optional);
  return {
    type: "object",
    properties,
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  };
}
