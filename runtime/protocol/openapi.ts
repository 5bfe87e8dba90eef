import { ERRORS } from "./errors.ts";
import { API_ROOT, REST } from "./rest.ts";
import type { Field, Fields, FieldType, RestCall } from "./rest-vocabulary.ts";

type Json = { readonly [name: string]: unknown };

const SCHEMAS: { readonly [type in FieldType]: Json } = {
  string: { type: "string" },
  integer: { type: "integer" },
  boolean: { type: "boolean" },
  object: { type: "object" },
  strings: { type: "array", items: { type: "string" } },
  integers: { type: "array", items: { type: "integer" } },
  objects: { type: "array", items: { type: "object" } },
};

const CONTENT_TYPES = {
  json: "application/json",
  bytes: "application/octet-stream",
  events: "text/event-stream",
  text: "text/plain",
} as const;

/** The REST API as an OpenAPI 3.1 document, printed from its declaration. */
export function openapi(version: string): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const [name, one] of Object.entries<RestCall>(REST)) {
    const path = API_ROOT + one.path.replace(/\/[!*]([^/]+)/g, "/{$1}");
    paths[path] ??= {};
    paths[path][one.method.toLowerCase()] = operation(name, one);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "My Own Cluster",
      version,
      description: "REST API of the platform. Paths with {key} take the rest of the path.",
    },
    paths,
    security: [{ token: [] }],
    components: {
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "The admin token." },
      },
      schemas: { Error: errorSchema() },
    },
  };
}

function operation(name: string, one: RestCall): Json {
  const pathNames = [...one.path.matchAll(/\/[!*]([^/]+)/g)].map((match) => match[1] ?? "");
  const parameters = [
    ...pathNames.map((param) => ({
      name: param,
      in: "path",
      required: true,
      schema: { type: "string" },
    })),
    ...Object.entries(one.query).map(([param, field]) => ({
      name: param,
      in: "query",
      required: !field.optional,
      description: field.doc,
      schema: SCHEMAS[field.type],
    })),
  ];
  return {
    operationId: name,
    summary: one.summary,
    ...(parameters.length > 0 && { parameters }),
    ...(one.body !== "none" && { requestBody: requestBody(one.body) }),
    responses: {
      200: { description: "Done.", content: { [CONTENT_TYPES[one.answer]]: answerSchema(one) } },
      default: {
        description: "What went wrong; see the code.",
        content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
      },
    },
  };
}

function requestBody(body: Fields | "bytes"): Json {
  if (body === "bytes") {
    return { required: true, content: { "application/octet-stream": {} } };
  }
  return { required: true, content: { "application/json": { schema: fieldsSchema(body) } } };
}

function fieldsSchema(fields: Fields): Json {
  const entries = Object.entries<Field>(fields);
  const required = entries.filter(([, field]) => !field.optional).map(([name]) => name);
  return {
    type: "object",
    properties: Object.fromEntries(
      entries.map(([name, { type, doc }]) => [name, { ...SCHEMAS[type], description: doc }]),
    ),
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  };
}

function answerSchema(one: RestCall): Json {
  if (one.answer !== "json") return {};
  return { schema: { type: "object" } };
}

function errorSchema(): Json {
  return {
    type: "object",
    properties: {
      status: { const: false },
      code: { type: "string", enum: Object.keys(ERRORS) },
      message: { type: "string" },
    },
    required: ["status", "code", "message"],
  };
}
