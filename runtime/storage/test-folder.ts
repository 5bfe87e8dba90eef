import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { Events } from "../core/events.ts";
import { openState, type PlatformState } from "../core/platform-state.ts";
import { openKeyspace } from "./keyspace.ts";

/** A new folder that goes when the test ends. */
export function testFolder(test: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "moc-test-"));
  test.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A platform over a real database in a new folder. */
export async function testState(
  test: TestContext,
  folder?: string,
  now?: () => number,
): Promise<PlatformState> {
  const keyspace = await openKeyspace(folder ?? testFolder(test));
  test.after(() => keyspace.close());
  return openState(keyspace, new Events(), {
    isExecutable: (contentType) => contentType === "text/javascript",
    ...(now && { now }),
  });
}
