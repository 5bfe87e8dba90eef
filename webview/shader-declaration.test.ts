import assert from "node:assert/strict";
import { test } from "node:test";
import { controlText, fromHexColour, shaderControls, toHexColour } from "./shader-declaration.ts";

const SOURCE = `// moc: { "parameters": {
//   "zoom": { "default": 2, "min": 1, "max": 8, "step": 0.5, "description": "how near" },
//   "tint": { "default": [1, 0.5, 0, 0.25] }, "shift": 0, "mode": "soft" } }
@compute fn main() { let x = 1; }`;

test("parameters in a comment become sliders, colours and texts", () => {
  const [zoom, tint, shift, mode] = shaderControls(undefined, SOURCE);
  assert.deepEqual(zoom, {
    kind: "number",
    name: "zoom",
    description: "how near",
    min: 1,
    max: 8,
    step: 0.5,
    value: 2,
  });
  assert.equal(tint?.kind, "color");
  assert.equal(tint && controlText(tint), "1,0.5,0,0.25");
  assert.deepEqual(shift, {
    kind: "number",
    name: "shift",
    description: "",
    min: -1,
    max: 1,
    step: 0.001,
    value: 0,
  });
  assert.equal(mode?.kind, "text");
});

test("settings come before the comment; what cannot be read declares nothing", () => {
  assert.deepEqual(shaderControls({ parameters: {} }, SOURCE), []);
  assert.deepEqual(shaderControls(undefined, "// moc: { broken"), []);
  assert.deepEqual(shaderControls("nonsense", ""), []);
});

test("a colour changes without its fourth component", () => {
  assert.equal(toHexColour([1, 0.5, -3]), "#ff8000");
  assert.deepEqual(fromHexColour("#ff8000", [0, 0, 0, 0.25]), [1, 0.502, 0, 0.25]);
});
