import assert from "node:assert/strict";
import type { TreeDataProvider, TreeItem } from "vscode";
import { type Cases, eventually } from "./host.ts";

export const treeCases: Cases = {
  "the views show functions, plugs, keys and the runtime": async ({ parts, client }) => {
    await client.call("kvPut", {
      path: { key: "tree/one" },
      body: new TextEncoder().encode("1"),
    });
    await eventually(async () => {
      assert.ok((await labels(parts.functionsTree)).includes("hello"));
      assert.ok((await labels(parts.plugsTree)).includes("/hello"));
      assert.ok((await labels(parts.keyTree)).includes("tree/"));
      assert.ok((await labels(parts.runtimeTree)).includes("State"));
    });
    const [hello] = (await parts.functionsTree.getChildren()).filter(
      (node) => node.kind === "function" && node.item.name === "hello",
    );
    assert.ok(hello);
    const below = await parts.functionsTree.getChildren(hello);
    const kinds = new Set(below.map(({ kind }) => kind));
    assert.deepEqual([...kinds].sort(), ["group", "plug", "sample"]);
    const versions = below.find((node) => node.kind === "group" && node.group === "versions");
    assert.ok(versions);
    assert.ok((await parts.functionsTree.getChildren(versions)).length > 1);
  },

  "a line that is drawn again is still the one that was clicked": async ({ parts }) => {
    const { functionsTree } = parts;
    const before = await functionsTree.getChildren();
    const drawn: unknown[] = [];
    const listener = functionsTree.onDidChangeTreeData((lines) => drawn.push(lines));
    functionsTree.refresh();
    listener.dispose();
    assert.ok(before.length > 0);
    assert.deepEqual(drawn, [before], "all lines were asked for again");
    const after = await functionsTree.getChildren();
    assert.ok(after.every((line, index) => line === before[index]));
  },

  "lines are read out with all that they show": async ({ parts }) => {
    for (const tree of [parts.functionsTree, parts.plugsTree, parts.keyTree, parts.runtimeTree]) {
      for (const item of await itemsOf<unknown>(tree)) {
        const { label, description, contextValue } = item;
        // Of a folder of keys the name is all; what is on disk is named by its file.
        if (typeof description !== "string" || item.tooltip === undefined) continue;
        assert.ok(spoken(item).includes(description), `${contextValue}: ${spoken(item)}`);
        assert.ok(spoken(item).includes(String(label)), `${contextValue}: ${spoken(item)}`);
      }
    }
  },
};

/** What a screen reader says: the editor takes the tooltip for it where nothing else is given. */
function spoken({ accessibilityInformation, tooltip, label }: TreeItem): string {
  return accessibilityInformation?.label ?? String(tooltip ?? label);
}

async function itemsOf<T>(tree: TreeDataProvider<T>, parent?: T): Promise<readonly TreeItem[]> {
  const nodes = (await tree.getChildren(parent)) ?? [];
  const below = await Promise.all(nodes.map((node) => itemsOf(tree, node)));
  const items = await Promise.all(nodes.map((node) => tree.getTreeItem(node)));
  return [...items, ...below.flat()];
}

async function labels<T>(tree: TreeDataProvider<T>): Promise<string[]> {
  const nodes = (await tree.getChildren()) ?? [];
  const items = await Promise.all(nodes.map((node) => tree.getTreeItem(node)));
  return items.map(({ label }) => (typeof label === "string" ? label : (label?.label ?? "")));
}
