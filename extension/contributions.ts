/**
 * The editor part of package.json, written from declarations by `npm run gen` and compared by a
 * test: commands, settings, views and menus each stand in one place.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { MANIFEST_FILE } from "../devkit/manifest.ts";
import { COMMANDS, type CommandName, commandId } from "./contributions/commands.ts";
import { DEBUG_TYPE, debuggers } from "./contributions/debuggers.ts";
import {
  FEATURES,
  languageModelTools,
  type Translate,
  taskDefinitions,
  walkthroughs,
} from "./contributions/features.ts";
import { MENUS } from "./contributions/menus.ts";
import { COMPLETION_SCHEMA, completionSchema } from "./contributions/sample-completion.ts";
import { restrictedSettings, SETTINGS, type Setting } from "./contributions/settings.ts";
import { translatableTexts } from "./contributions/texts.ts";
import { KEY_SCHEME, PANELS, VIEW_CONTAINER, VIEW_LIST, WELCOME } from "./contributions/views.ts";

const PACKAGE = new URL("../package.json", import.meta.url);
const STRINGS = new URL("../package.nls.json", import.meta.url);
const BUNDLE = new URL("../l10n/bundle.l10n.json", import.meta.url);
const SAMPLE_SCHEMA = new URL("../schemas/sample.schema.json", import.meta.url);
const COMPLETION = new URL(`../${COMPLETION_SCHEMA}`, import.meta.url);

/** English text of the manifest, by key. */
type Strings = Record<string, string>;

/**
 * Writes package.json's editor keys, package.nls.json and the list of translatable texts; with
 * `check` throws if they differ.
 */
export function writeContributions(check: boolean): void {
  const strings: Strings = {};
  const before = readFileSync(PACKAGE, "utf8");
  const after = `${JSON.stringify({ ...JSON.parse(before), ...manifest(strings) }, null, 2)}\n`;
  const samples = JSON.parse(readFileSync(SAMPLE_SCHEMA, "utf8"));
  const files = [
    [STRINGS, strings],
    [BUNDLE, translatableTexts()],
    [COMPLETION, completionSchema(samples)],
  ] as const;
  if (!check) {
    writeFileSync(PACKAGE, after);
    for (const [file, value] of files) writeFileSync(file, jsonText(value));
    return;
  }
  if (JSON.stringify(JSON.parse(before)) !== JSON.stringify(JSON.parse(after))) {
    throw new Error("package.json is behind extension/contributions: run npm run gen");
  }
  for (const [file, value] of files) {
    if (JSON.stringify(JSON.parse(readFileSync(file, "utf8"))) === JSON.stringify(value)) continue;
    throw new Error(`${file.pathname} is behind the extension's declarations: run npm run gen`);
  }
}

/** As the formatter would have it: short lists on one line. */
function jsonText(value: unknown): string {
  const text = JSON.stringify(value, null, 2);
  const short = text.replaceAll(
    /\[\n\s+("[^"\n]*"(?:,\n\s+"[^"\n]*")*)\n\s+\]/g,
    (whole, items) => {
      const line = `[${String(items).replaceAll(/,\n\s+/g, ", ")}]`;
      return line.length <= 60 ? line : whole;
    },
  );
  return `${short}\n`;
}

/** The keys of package.json that the editor reads; collects their texts into `strings`. */
export function manifest(strings: Strings): Readonly<Record<string, unknown>> {
  const say = (key: string, english: string): string => {
    strings[key] = english;
    return `%${key}%`;
  };
  return {
    main: "./dist/extension.cjs",
    icon: "extension/media/icon.png",
    categories: ["Other", "Testing", "Debuggers"],
    keywords: ["functions", "serverless", "webassembly", "webgpu", "rust"],
    l10n: "./l10n",
    extensionKind: ["workspace"],
    activationEvents: [
      // Where a function's own folder is open: without a search, which goes through the busy window.
      `workspaceContains:${MANIFEST_FILE}`,
      `workspaceContains:**/${MANIFEST_FILE}`,
      `onFileSystem:${KEY_SCHEME}`,
      `onDebugResolve:${DEBUG_TYPE}`,
      ...Object.values(PANELS).map((panel) => `onWebviewPanel:${panel}`),
    ],
    capabilities: {
      untrustedWorkspaces: {
        supported: "limited",
        description: say(
          "capability.untrusted",
          "In Restricted Mode functions can be read and edited; nothing is built, deployed or run.",
        ),
        restrictedConfigurations: restrictedSettings(),
      },
      virtualWorkspaces: {
        supported: false,
        description: say("capability.virtual", "Compilers and the runtime need files on a disk."),
      },
    },
    contributes: contributes(say),
  };
}

function contributes(say: Translate): object {
  return {
    commands: names().map((name) => ({
      command: commandId(name),
      title: say(`command.${name}`, COMMANDS[name].title),
      category: "My Own Cluster",
      ...("icon" in COMMANDS[name] && { icon: COMMANDS[name].icon }),
      ...(COMMANDS[name].enablement !== "true" && { enablement: COMMANDS[name].enablement }),
    })),
    menus: menus(),
    configuration: { title: "My Own Cluster", properties: settings(say) },
    viewsContainers: {
      activitybar: [
        { id: VIEW_CONTAINER, title: "My Own Cluster", icon: "extension/media/activity.svg" },
      ],
    },
    views: {
      [VIEW_CONTAINER]: VIEW_LIST.map((view) => ({
        ...view,
        name: say(`view.${view.id}`, view.name),
        contextualTitle: "My Own Cluster",
      })),
    },
    viewsWelcome: WELCOME.map((welcome, index) => ({
      ...welcome,
      contents: say(`welcome.${index}`, welcome.contents),
    })),
    walkthroughs: walkthroughs(say),
    languageModelTools: languageModelTools(say),
    taskDefinitions: taskDefinitions(say),
    debuggers: debuggers(say),
    ...FEATURES,
  };
}

function names(): CommandName[] {
  return Object.keys(COMMANDS) as CommandName[];
}

function menus(): object {
  const palette = names()
    .filter((name) => COMMANDS[name].palette !== "true")
    .map((name) => ({ command: commandId(name), when: String(COMMANDS[name].palette) }));
  const others = Object.entries(MENUS).map(([menu, items]) => [
    menu,
    items.map(({ command, ...rest }) => ({ command: commandId(command), ...rest })),
  ]);
  return { commandPalette: palette, ...Object.fromEntries(others) };
}

function settings(say: Translate): object {
  return Object.fromEntries(
    Object.entries(SETTINGS).map(([name, { ...setting }], order) => {
      const { restricted: _, enumDescriptions, ...plain } = setting as Setting;
      const values = enumDescriptions?.map((text, index) =>
        say(`setting.${name}.${plain.enum?.[index]}`, text),
      );
      return [
        `myOwnCluster.${name}`,
        {
          ...plain,
          ...(values && { enumDescriptions: values }),
          order,
          markdownDescription: say(`setting.${name}`, plain.markdownDescription),
        },
      ];
    }),
  );
}
