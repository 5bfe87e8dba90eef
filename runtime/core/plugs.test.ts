import assert from "node:assert/strict";
import { test } from "node:test";
import { testState } from "../storage/test-folder.ts";
import type { NewPlug } from "./plugs.ts";

const plug = (method: string, path: string, more: Partial<NewPlug> = {}): NewPlug =>
  ({
    type: "function",
    method,
    path,
    name: path,
    start_function: "",
    data: "",
    ...more,
  }) as NewPlug;

test("literal beats !param beats *rest, and what leads nowhere is left again", async (t) => {
  const { plugs } = await testState(t);
  for (const path of ["/x", "/x/!p", "/x/fixed", "/x/!p/b", "/x/fixed/c", "/x/*rest", "/!a/!b/d"]) {
    await plugs.plug(plug("get", path));
  }
  const of = (path: string) => {
    const match = plugs.match("GET", "localhost:8443", path);
    return match && [match.plug.path, { ...match.params }];
  };
  // In the original a plug on /x hid /x/!p.
  assert.deepEqual(of("/x"), ["/x", {}]);
  assert.deepEqual(of("/x/hello"), ["/x/!p", { p: "hello" }]);
  assert.deepEqual(of("/x/fixed"), ["/x/fixed", {}]);
  assert.deepEqual(of("/x/fixed/b"), ["/x/!p/b", { p: "fixed" }]);
  assert.deepEqual(of("/x/fixed/c"), ["/x/fixed/c", {}]);
  assert.deepEqual(of("/x/fixed/c/d"), ["/x/*rest", { rest: "fixed/c/d" }]);
  assert.deepEqual(of("/x/"), ["/x/*rest", { rest: "" }]);
  assert.deepEqual(of("/y/z/d"), ["/!a/!b/d", { a: "y", b: "z" }]);
  assert.equal(of("/"), undefined);
  assert.equal(of("/y/z"), undefined);
  assert.equal(of("//z/d"), undefined);
});

test("parameters are decoded, and a decoded slash stays inside its parameter", async (t) => {
  const { plugs } = await testState(t);
  await plugs.plug(plug("get", "/a/!p"));
  await plugs.plug(plug("get", "/r/*rest"));
  await plugs.plug(plug("get", "/caf%C3%A9"));
  assert.equal(plugs.match("GET", "", "/a/b%2Fc%20d")?.params.p, "b/c d");
  assert.equal(plugs.match("GET", "", "/a/__proto__")?.params.p, "__proto__");
  assert.equal(plugs.match("GET", "", "/r/b%2Fc/d")?.params.rest, "b/c/d");
  assert.equal(plugs.match("GET", "", "/café")?.plug.path, "/caf%C3%A9");
  for (const bad of ["/a/%", "/a/%zz", "/a/%ff"]) {
    assert.throws(() => plugs.match("GET", "", bad), { code: "MOC_BAD_REQUEST" }, bad);
  }
  assert.equal(plugs.match("OPTIONS", "", "*"), undefined);
});

test("files are plugged under their plain names, as the original does", async (t) => {
  const { plugs } = await testState(t);
  for (const path of ["/my file.html", "/100%.html", "/a#b", "/all/*"]) {
    await plugs.plug(plug("get", path));
  }
  assert.equal(plugs.match("GET", "", "/my%20file.html")?.plug.path, "/my file.html");
  assert.equal(plugs.match("GET", "", "/100%25.html")?.plug.path, "/100%.html");
  assert.equal(plugs.match("GET", "", "/a%23b")?.plug.path, "/a#b");
  assert.equal(plugs.match("GET", "", "/all/x/y")?.params.rest, "x/y");
});

test("methods: own, HEAD by GET, any; and what a path allows", async (t) => {
  const { plugs } = await testState(t);
  await plugs.plug(plug("GET", "/m"));
  await plugs.plug(plug("*", "/any"));
  await plugs.plug(plug("post", "/!x"));
  assert.equal(plugs.match("HEAD", "", "/m")?.plug.method, "get");
  assert.equal(plugs.match("post", "", "/m")?.plug.path, "/!x");
  assert.equal(plugs.match("PATCH", "", "/any")?.plug.path, "/any");
  assert.equal(plugs.match("DELETE", "", "/m"), undefined);
  assert.deepEqual(plugs.methodsFor("", "/m"), ["GET", "HEAD", "POST"]);
  assert.deepEqual(plugs.methodsFor("", "/nothing/here"), []);
});

test("a plug for a host comes before one for any host", async (t) => {
  const { plugs } = await testState(t);
  await plugs.plug(plug("get", "/h"));
  await plugs.plug(plug("get", "/!p", { host: "A.example" }));
  assert.equal(plugs.match("GET", "a.example:8443", "/h")?.plug.path, "/!p");
  assert.equal(plugs.match("GET", "b.example", "/h")?.plug.path, "/h");
  assert.equal(plugs.match("GET", "[::1]:80", "/h")?.plug.path, "/h");
});

test("the same place is replaced, also under another parameter name; unplug takes it away", async (t) => {
  const { plugs } = await testState(t);
  await plugs.plug(plug("get", "/a/!x", { name: "one" }));
  await plugs.plug(plug("get", "/a/!y", { name: "two" }));
  assert.equal(plugs.list().length, 1);
  assert.deepEqual({ ...plugs.match("GET", "", "/a/1")?.params }, { y: "1" });
  await assert.rejects(plugs.unplug({ method: "get", path: "/a/!x" }), { code: "MOC_NOT_FOUND" });
  await plugs.unplug({ method: "GET", path: "/a/!y" });
  assert.equal(plugs.match("GET", "", "/a/1"), undefined);
  await assert.rejects(plugs.unplug({ method: "get", path: "/a/!y" }), {
    code: "MOC_NOT_FOUND",
    message: /GET \/a\/!y/,
  });
});

test("bad plugs are refused", async (t) => {
  const { plugs } = await testState(t);
  for (const path of ["", "a", "/a?b", "/a\nb", "/!", "/a/*r/b", "/!a/!a", `/${"a/".repeat(70)}`]) {
    await assert.rejects(
      plugs.plug(plug("get", path, { name: "f" })),
      { code: "MOC_NAME_INVALID" },
      path,
    );
  }
  await assert.rejects(plugs.plug(plug("GE T", "/a")), {
    code: "MOC_BAD_REQUEST",
    message: /method/,
  });
  await assert.rejects(plugs.plug(plug("get", "/a", { host: "a:1" })), { message: /host/ });
  assert.equal(plugs.count, 0);
});

test("all plugs are listed in matching order", async (t) => {
  const { plugs } = await testState(t);
  for (const path of ["/*r", "/a/!p", "/a/b", "/a"]) await plugs.plug(plug("get", path));
  await plugs.plug(plug("get", "/*r", { host: "h.example" }));
  assert.deepEqual(
    plugs.list().map((one) => one.host + one.path),
    ["h.example/*r", "/a", "/a/b", "/a/!p", "/*r"],
  );
});

test("a plug on a method that no request can have is refused", async (t) => {
  const { plugs } = await testState(t);
  const refused = { code: "MOC_BAD_REQUEST", message: /'gte' is not an http method/ };
  await assert.rejects(plugs.plug(plug("gte", "/a")), refused);
  for (const method of ["PROPFIND", "m-search", "*", "any"]) await plugs.plug(plug(method, "/a"));
});
