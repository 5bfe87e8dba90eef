import assert from "node:assert/strict";
import { test } from "node:test";
import { isInside } from "./open-folders.ts";

test("only what is in an open folder is inside, whatever the path's spelling", () => {
  const open = ["/home/a/work", "/home/b"];
  for (const path of ["/home/a/work", "/home/a/work/f", "/home/b/x/../y", "/home/b/..f"]) {
    assert.equal(isInside(open, path), true, path);
  }
  for (const path of ["/home/a", "/home/a/work2", "/home/b/../c", "f", "", "/home/b/x/../../c"]) {
    assert.equal(isInside(open, path), false, path);
  }
  assert.equal(isInside([], "/home"), false);
});
