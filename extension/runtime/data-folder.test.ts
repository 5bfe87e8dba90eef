import assert from "node:assert/strict";
import { test } from "node:test";
import { dataFolderOf } from "./data-folder.ts";

const options = {
  chosen: "",
  root: "/w/a",
  workspace: "file:///w/a",
  globalStorage: "/g",
};

test("windows of a workspace share a folder, other workspaces have others", () => {
  assert.equal(dataFolderOf(options), dataFolderOf({ ...options }));
  assert.match(dataFolderOf(options), /^\/g\/data\/[0-9a-f]{16}$/);
  assert.notEqual(dataFolderOf(options), dataFolderOf({ ...options, workspace: "file:///w/b" }));
  assert.notEqual(dataFolderOf(options), dataFolderOf({ ...options, workspace: undefined }));
});

test("the setting wins, relative to the workspace", () => {
  assert.equal(dataFolderOf({ ...options, chosen: "my-data" }), "/w/a/my-data");
  assert.equal(dataFolderOf({ ...options, chosen: "/else" }), "/else");
});
