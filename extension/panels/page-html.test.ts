import assert from "node:assert/strict";
import { test } from "node:test";
import { pageHtml } from "./page-html.ts";

const options = {
  title: 'a "<b>" & c',
  language: "en",
  cspSource: "https://own.example",
  styles: ["https://own.example/a.css"],
  scripts: ["https://own.example/a.js"],
  body: '<div id="page"></div>',
};

test("a page allows nothing but its own script, styles and images", () => {
  const html = pageHtml(options);
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? "";
  assert.match(policy, /^default-src 'none'; script-src 'nonce-[\w-]{22}'; style-src https:/);
  assert.doesNotMatch(policy, /unsafe|\*/);
  const nonce = /'nonce-([\w-]+)'/.exec(policy)?.[1];
  assert.ok(
    html.includes(`<script type="module" nonce="${nonce}" src="https://own.example/a.js">`),
  );
});

test("each page has a nonce of its own, and its title is text", () => {
  assert.notEqual(pageHtml(options), pageHtml(options));
  assert.ok(pageHtml(options).includes("<title>a &quot;&lt;b>&quot; &amp; c</title>"));
});
