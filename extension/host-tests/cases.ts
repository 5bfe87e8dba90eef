import assert from "node:assert/strict";
import { commands, workspace } from "vscode";
import { COMMANDS, type CommandName, commandId } from "../contributions/commands.ts";
import { SETTINGS } from "../contributions/settings.ts";
import { createCases } from "./create-cases.ts";
import { deployCases } from "./deploy-cases.ts";
import { functionCases } from "./function-cases.ts";
import type { Cases } from "./host.ts";
import { keyCases } from "./key-cases.ts";
import { schemaCases } from "./schema-cases.ts";
import { taskCases } from "./task-cases.ts";
import { treeCases } from "./tree-cases.ts";

/** In the order in which they run: the function that the first ones deploy is used by the others. */
export const CASES: Cases = {
  "every declared command is registered": async () => {
    const known = new Set(await commands.getCommands(true));
    const missing = (Object.keys(COMMANDS) as CommandName[]).filter(
      (name) => !known.has(commandId(name)),
    );
    assert.deepEqual(missing, []);
  },

  "every declared setting has its default": async () => {
    const configuration = workspace.getConfiguration("myOwnCluster");
    for (const [name, declared] of Object.entries(SETTINGS)) {
      assert.deepEqual(configuration.inspect(name)?.defaultValue, declared.default, name);
    }
  },
  ...deployCases,
  ...treeCases,
  ...keyCases,
  ...taskCases,
  ...functionCases,
  ...createCases,
  ...schemaCases,
};
