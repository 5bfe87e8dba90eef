import assert from "node:assert/strict";
import { test } from "node:test";
import { plain as say } from "../say.ts";
import { detectFormat, readValue, showValue } from "./key-format.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test("the format of a value is the most telling one without loss", () => {
  assert.equal(detectFormat(bytes('{"a":1}')), "json");
  assert.equal(detectFormat(bytes("12")), "text");
  assert.equal(detectFormat(bytes("{broken")), "text");
  assert.equal(detectFormat(bytes("naïve ☕")), "text");
  assert.equal(detectFormat(Uint8Array.of(0xff, 0xfe)), "hex");
  assert.equal(detectFormat(Uint8Array.of(0, 1, 2)), "hex");
  assert.equal(detectFormat(new Uint8Array()), "text");
});

test("every value survives its hex document", () => {
  const value = Uint8Array.from({ length: 256 }, (_, i) => i);
  assert.deepEqual(readValue(showValue(value, "hex", say), "hex", say), value);
  assert.deepEqual(readValue("", "hex", say), new Uint8Array());
  assert.deepEqual(readValue("0a0B ff\n", "hex", say), Uint8Array.of(10, 11, 255));
});

test("a printable part that looks like hex is not read as bytes", () => {
  const value = bytes("ab cd ef|00 11 22");
  assert.deepEqual(readValue(showValue(value, "hex", say), "hex", say), value);
});

test("bad hex names its line", () => {
  assert.throws(() => readValue("00\nzz", "hex", say), /Line 2: "zz"/);
  assert.throws(() => readValue("0", "hex", say), /Line 1/);
});

test("compact JSON is shown indented and stored compact again, indented JSON as it is", () => {
  const compact = bytes('{"a":[1,2]}');
  const shown = showValue(compact, "json", say);
  assert.match(shown, /\n {2}"a"/);
  assert.deepEqual(readValue(shown, "json", say, compact), compact);
  const indented = bytes('{\n  "a": 1\n}\n');
  assert.deepEqual(readValue(showValue(indented, "json", say), "json", say, indented), indented);
});

test("a document that is not of its format is refused", () => {
  assert.throws(() => readValue("{", "json", say), /no valid JSON/);
  assert.throws(() => showValue(Uint8Array.of(0xff), "text", say), /hex/);
});
