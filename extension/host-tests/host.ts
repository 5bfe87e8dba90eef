import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { commands, extensions, Uri, workspace } from "vscode";
import { Client } from "../../devkit/client.ts";
import type { CommandName } from "../contributions/commands.ts";
import { commandId } from "../contributions/commands.ts";
import type { Activation } from "../main.ts";
import type { Parts } from "../parts.ts";
import type { Page } from "./page.ts";

const WAIT_MS = 20_000;

/** The editor as the tests see it: our extension at work in a workspace with one function. */
export interface Host {
  readonly parts: Parts;
  readonly root: Uri;
  /** A client of the tests' own, as another program would have. */
  readonly client: Client;
  readonly figures: Record<string, number>;
  /** The editor's page: dialogs, lists, notifications. */
  readonly page: Page;
}

/** Tests by what they show. */
export type Cases = Readonly<Record<string, (host: Host) => Promise<void>>>;

export async function openHost(figures: Record<string, number>, page: Page): Promise<Host> {
  const extension = extensions.getExtension<Activation>("my-own-cluster.my-own-cluster");
  assert.ok(extension, "the extension is not there");
  const { activationMs, parts } = await extension.activate();
  assert.ok(parts, "the extension does not run under test");
  figures["activate ms"] = activationMs;
  const root = workspace.workspaceFolders?.[0]?.uri;
  assert.ok(root);
  await parts.runtime.ensure();
  const { state } = parts.runtime;
  assert.ok(state.kind === "running");
  const { url, token, certificate } = state.instance;
  const client = new Client({ baseUrl: url, token, certificate });
  return { parts, root, client, figures, page };
}

export async function closeHost({ client, parts }: Host): Promise<void> {
  client.close();
  await parts.runtime.stop();
}

export async function execute(
  name: CommandName,
  argument?: unknown,
  selection?: readonly unknown[],
): Promise<void> {
  await commands.executeCommand(commandId(name), argument, selection);
}

/** Tries until it does not throw. */
export async function eventually<T>(run: () => Promise<T> | T, pauseMs = 50): Promise<T> {
  const deadline = performance.now() + WAIT_MS;
  for (;;) {
    try {
      return await run();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await sleep(pauseMs);
    }
  }
}

export async function answerOf({ client }: Host, path: string): Promise<string> {
  return new TextDecoder().decode((await client.fetchFunction({ path })).body);
}

export async function statusOf({ client }: Host, path: string): Promise<number> {
  return (await client.fetchFunction({ path })).status;
}

export async function write(root: Uri, path: string, text: string): Promise<void> {
  await workspace.fs.writeFile(Uri.joinPath(root, path), new TextEncoder().encode(text));
}
