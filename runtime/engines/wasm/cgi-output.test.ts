import assert from "node:assert/strict";
import { test } from "node:test";
import { CgiOutput } from "./cgi-output.ts";

const utf8 = new TextEncoder();

function makeTarget() {
  const body: string[] = [];
  return {
    headers: new Map<string, string>(),
    status: undefined as number | undefined,
    write: (bytes: Uint8Array) => void body.push(new TextDecoder().decode(bytes)),
    body,
  };
}

function write(text: string, size = text.length) {
  const target = makeTarget();
  const output = new CgiOutput(target, 100);
  for (let at = 0; at < text.length; at += size)
    output.write(utf8.encode(text.slice(at, at + size)));
  output.finish();
  return target;
}

test("headers end with an empty line, however the output is cut and its lines end", () => {
  for (const newline of ["\n", "\r\n"]) {
    const text = `Content-Type: text/html${newline}status: 404 Not Found${newline}${newline}body\n\nrest`;
    for (const size of [1, 2, 5, 1000]) {
      const target = write(text, size);
      assert.equal(target.status, 404);
      assert.deepEqual([...target.headers], [["content-type", "text/html"]]);
      assert.equal(target.body.join(""), "body\n\nrest");
    }
  }
});

test("Location alone redirects; cookies stay apart, other fields are joined", () => {
  const target = write("Location: /there\nSet-Cookie: a=1\nSet-Cookie: b=2\nVary: x\nVary: y\n\n");
  assert.equal(target.status, 302);
  assert.equal(target.headers.get("set-cookie"), "a=1\nb=2");
  assert.equal(target.headers.get("vary"), "x, y");
  assert.equal(write("Status: 201\nLocation: /there\n\n").status, 201);
});

test("what is no header block is an error that says what was found", () => {
  assert.throws(() => write("<html>\n\n"), /"<html>", which is no header/);
  assert.throws(() => write("bad header: x\n\n"), /no header/);
  assert.throws(() => write("Status: fine\n\n"), /Status: fine is not an http status/);
  assert.throws(() => write("Status: 700\n\n"), /not an http status/);
  assert.throws(() => write("X: y\n"), /ended without headers/);
  assert.throws(() => write(`X: ${"y".repeat(200)}`), /100 bytes without ending its headers/);
});
