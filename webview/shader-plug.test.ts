import assert from "node:assert/strict";
import { test } from "node:test";
import type { FunctionSummary } from "../runtime/protocol/rest.ts";
import { firstShader, shaderPlug } from "./shader-plug.ts";

const shader = (name: string, plugs: readonly string[], declared?: unknown) =>
  ({
    name,
    settings: { shader: declared },
    plugs: plugs.map((text) => {
      const [type, method, path] = text.split(" ");
      return { type, method, path };
    }),
  }) as unknown as FunctionSummary;

const UNPLUGGED = shader("rules", []);
const FILTER = shader("blur", ["file get /blur", "function post /blur/run"]);
const FED = shader("fed", ["function get /fed"], { bindings: { a: { from: "json" } } });
const RINGS = shader("rings", ["function post /rings", "function get /rings"]);

test("a shader is run by a plug of its own without parameters, if possible without a body", () => {
  assert.equal(shaderPlug(UNPLUGGED), undefined);
  assert.equal(shaderPlug(shader("one", ["function get /one/!size"])), undefined);
  assert.equal(shaderPlug(FILTER)?.path, "/blur/run");
  assert.equal(shaderPlug(RINGS)?.method, "get");
});

test("the first shader shown is one that runs as it is, if there is one", () => {
  assert.equal(firstShader([]), undefined);
  assert.equal(firstShader([UNPLUGGED]), UNPLUGGED);
  assert.equal(firstShader([UNPLUGGED, FILTER]), FILTER);
  assert.equal(firstShader([UNPLUGGED, FILTER, FED, RINGS]), RINGS);
});
