import assert from "node:assert/strict";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { callOrder } from "../devkit/deploy-all.ts";
import { findFunctions } from "../devkit/find-functions.ts";
import { core } from "../runtime/guest-api/core/api.ts";
import { camelCase } from "../runtime/guest-api/define.ts";
import { deployAndTry, startPlatform } from "./testing.ts";

const SAMPLES = fileURLToPath(new URL(".", import.meta.url));
const { projects, broken } = await findFunctions(SAMPLES);
const platform = await startPlatform();
after(() => platform.close());

test("every manifest is valid", () => {
  assert.deepEqual(
    broken.map((one) => one.error.message),
    [],
  );
});

for (const project of callOrder(projects)) {
  test(project.manifest.name, (t) => deployAndTry(t, platform.client, project));
}

test("api-tests has a result for every function of module core", async () => {
  const answer = await platform.client.fetchFunction({ path: "/api-tests" });
  const { results } = JSON.parse(new TextDecoder().decode(answer.body));
  const expected = Object.keys(core.functions).map((name) => [camelCase(name), "ok"]);
  assert.deepEqual(results, Object.fromEntries(expected));
});
