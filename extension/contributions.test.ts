import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { COMMANDS, type CommandName, commandId } from "./contributions/commands.ts";
import { STEPS } from "./contributions/features.ts";
import { MENUS } from "./contributions/menus.ts";
import { SETTINGS } from "./contributions/settings.ts";
import { manifest, writeContributions } from "./contributions.ts";

test("package.json and package.nls.json are what the declarations say", () => {
  writeContributions(true);
});

test("every text of the manifest has its string", () => {
  const strings: Record<string, string> = {};
  const text = JSON.stringify(manifest(strings));
  for (const [, key] of text.matchAll(/"%([^%"]+)%"/g)) assert.ok(strings[String(key)], key);
});

test("the Explorer's menu has at most two entries of ours", () => {
  assert.ok((MENUS["explorer/context"] ?? []).length <= 2);
});

test("commands hidden from the palette take an argument and have a twin there", () => {
  const twins: Partial<Record<CommandName, CommandName>> = {
    invokeSample: "invoke",
    copyKey: "openKey",
    loadMoreKeys: "filterKeys",
  };
  for (const [name, { palette }] of Object.entries(COMMANDS)) {
    if (palette !== false) continue;
    const twin = twins[name as CommandName];
    assert.ok(twin && COMMANDS[twin].palette !== false, `${name} has no twin in the palette`);
  }
});

test("settings have a scope and a description, and links lead to settings", () => {
  for (const [name, setting] of Object.entries(SETTINGS)) {
    assert.ok(setting.scope && setting.markdownDescription, name);
    for (const [, target] of setting.markdownDescription.matchAll(/#myOwnCluster\.([\w.]+)#/g)) {
      assert.ok(String(target) in SETTINGS, `${name} links to ${target}`);
    }
  }
});

test("walkthrough steps start with a verb's picture and end by a known command or context", () => {
  const known = new Set(Object.keys(COMMANDS).map((name) => commandId(name as CommandName)));
  assert.ok(STEPS.length >= 4 && STEPS.length <= 6);
  for (const step of STEPS) {
    assert.ok(existsSync(new URL(`./media/walkthrough-${step.id}.svg`, import.meta.url)), step.id);
    for (const event of step.events) {
      const [kind, id] = event.split(/:(.*)/s);
      if (kind === "onCommand") assert.ok(known.has(String(id)), event);
      else assert.equal(kind, "onContext");
    }
  }
});
