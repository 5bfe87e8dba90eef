import assert from "node:assert/strict";
import { test } from "node:test";
import { callEnvironment } from "./call-environment.ts";

function environment(headers: Record<string, string>, settings: Record<string, string> = {}) {
  return new Map(
    callEnvironment(settings, new Map(Object.entries(headers)), "fn").map((one) => {
      const at = one.indexOf("=");
      return [one.slice(0, at), one.slice(at + 1)];
    }),
  );
}

test("a call that did not come by http has only the deployed environment", () => {
  assert.deepEqual([...environment({ "x-test": "1" }, { A: "b" })], [["A", "b"]]);
});

test("request facts become the meta-variables of RFC 3875", () => {
  const variables = environment({
    "x-moc-method": "get",
    "x-moc-host": "[::1]:8443",
    "x-moc-proto": "HTTP/1.1",
    "x-moc-remote-addr": "[2001:db8::5]:51000",
    "x-moc-request-uri": "/a%2Fb?c=%20",
    "x-moc-url-path": "/a%2Fb",
    "x-moc-url-query": "c=%20",
    "content-type": "text/plain",
    "content-length": "12",
    "user-agent": "curl",
    "x-moc-path-param-NAME": "world",
  });
  const expected: Record<string, string> = {
    GATEWAY_INTERFACE: "CGI/1.1",
    REQUEST_METHOD: "GET",
    SERVER_NAME: "[::1]",
    SERVER_PORT: "8443",
    SERVER_PROTOCOL: "HTTP/1.1",
    REMOTE_ADDR: "2001:db8::5",
    REQUEST_URI: "/a%2Fb?c=%20",
    PATH_INFO: "/a/b",
    SCRIPT_NAME: "",
    QUERY_STRING: "c=%20",
    CONTENT_TYPE: "text/plain",
    CONTENT_LENGTH: "12",
    HTTP_USER_AGENT: "curl",
    HTTP_X_MOC_PATH_PARAM_NAME: "world",
  };
  for (const [name, value] of Object.entries(expected))
    assert.equal(variables.get(name), value, name);
});

test("a client cannot set the proxy of a program, nor what its deployment set", () => {
  const variables = environment(
    { "x-moc-method": "GET", proxy: "evil:80", "x-mine": "theirs" },
    { HTTP_X_MINE: "ours" },
  );
  assert.equal(variables.has("HTTP_PROXY"), false);
  assert.equal(variables.get("HTTP_X_MINE"), "ours");
});

test("addresses and paths that are not well formed stay as they are", () => {
  const of = (headers: Record<string, string>) =>
    environment({ "x-moc-method": "GET", ...headers });
  assert.equal(of({ "x-moc-remote-addr": "10.0.0.1:5" }).get("REMOTE_ADDR"), "10.0.0.1");
  assert.equal(of({ "x-moc-remote-addr": "2001:db8::5" }).get("REMOTE_ADDR"), "2001:db8::5");
  assert.equal(of({ "x-moc-url-path": "/%zz" }).get("PATH_INFO"), "/%zz");
  assert.equal(of({ "x-moc-url-path": "" }).get("QUERY_STRING"), "");
});
