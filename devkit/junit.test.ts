import assert from "node:assert/strict";
import { test } from "node:test";
import { junitXml } from "./junit.ts";

test("junitXml escapes what answers may hold", () => {
  const xml = junitXml([
    { suite: "a&b", name: 'say "hi"', durationMs: 1500 },
    { suite: "a&b", name: "x", durationMs: 1, failure: "body is <b>\u0000\ud800\nmore" },
    { suite: "c", name: "y", durationMs: 0, error: "gone" },
  ]);
  assert.equal(
    xml,
    `<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="3" failures="1" errors="1" time="1.501">
  <testsuite name="a&amp;b" tests="2" failures="1" errors="0" time="1.501">
    <testcase classname="a&amp;b" name="say &quot;hi&quot;" time="1.500"/>
    <testcase classname="a&amp;b" name="x" time="0.001">
      <failure message="body is &lt;b&gt;\ufffd\ufffd">body is &lt;b&gt;\ufffd\ufffd\nmore</failure>
    </testcase>
  </testsuite>
  <testsuite name="c" tests="1" failures="0" errors="1" time="0.000">
    <testcase classname="c" name="y" time="0.000">
      <error message="gone">gone</error>
    </testcase>
  </testsuite>
</testsuites>
`,
  );
});
