import assert from "node:assert/strict";
import { test } from "node:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import { openapi } from "./openapi.ts";
import { REST } from "./rest.ts";

test("the document is valid OpenAPI 3.1 and has every call", async () => {
  const document = openapi("1.2.3");
  const result = await new Validator().validate(structuredClone(document));
  assert.deepEqual(result, { valid: true });
  const ids = Object.values(
    document.paths as Record<string, Record<string, { operationId: string }>>,
  )
    .flatMap((path) => Object.values(path))
    .map((operation) => operation.operationId);
  assert.deepEqual(ids.sort(), Object.keys(REST).sort());
});

test("fields, parameters and bodies are those of the declaration", () => {
  const { paths } = openapi("1") as {
    paths: Record<string, Record<string, Record<string, unknown>>>;
  };
  const rollback = paths["/my-own-cluster/api/names/{name}/rollback"]?.post;
  assert.deepEqual(rollback?.parameters, [
    { name: "name", in: "path", required: true, schema: { type: "string" } },
  ]);
  const body = JSON.stringify(paths["/my-own-cluster/api/blob/register"]?.post?.requestBody);
  assert.match(body, /"required":\["content_type","bytes"\]/);
  const kv = paths["/my-own-cluster/api/kv/{key}"];
  assert.deepEqual(Object.keys(kv ?? {}).sort(), ["delete", "get", "put"]);
});
