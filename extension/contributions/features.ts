import {
  editorToolName,
  inputSchema,
  TOOLS,
  type ToolName,
} from "../assistant/tool-declarations.ts";
import { type CommandName, commandId } from "./commands.ts";
import { COMPLETION_SCHEMA } from "./sample-completion.ts";
import { PROBLEM_MATCHER, TASK_TYPE, WALKTHROUGH } from "./views.ts";

interface Step {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly alt: string;
  readonly events: readonly string[];
}

const button = (text: string, name: CommandName): string => `[${text}](command:${commandId(name)})`;

/** Steps of the walkthrough; each has a picture `extension/media/walkthrough-ID.svg`. */
export const STEPS: readonly Step[] = [
  {
    id: "create",
    title: "Create a function",
    description: `Choose a language and a name. The project opens on its source, already built and live.\n${button("Create Function", "createFunction")}`,
    alt: "A list of templates: Rust, C, JavaScript, TypeScript, Go, WGSL.",
    events: ["onContext:myOwnCluster.hasFunctions", `onCommand:${commandId("createFunction")}`],
  },
  {
    id: "save",
    title: "Edit and save: it is live",
    description: `Each save builds, uploads and reloads the function; nothing is dropped meanwhile. Errors appear in Problems, and the old version goes on answering.\n${button("Deploy All Functions", "deployAll")}`,
    alt: "An edited line, then the answer of the function changes.",
    events: ["onContext:myOwnCluster.savedLive", `onCommand:${commandId("deployAll")}`],
  },
  {
    id: "invoke",
    title: "Invoke it with sample input",
    description: `Samples are files beside the source, kept in git, and run as tests too.\n${button("Invoke with Sample Input", "invoke")}`,
    alt: "A request editor beside the response with status, timing and log lines.",
    events: [`onCommand:${commandId("invoke")}`, `onCommand:${commandId("invokeSample")}`],
  },
  {
    id: "dashboard",
    title: "Look at the dashboard",
    description: `Resources, calls, logs, keys and GPU results in one place.\n${button("Open Dashboard", "openDashboard")}`,
    alt: "Tiles with counters and a list of calls.",
    events: [`onCommand:${commandId("openDashboard")}`],
  },
  {
    id: "gpu",
    title: "Compute on the GPU",
    description: `A WGSL compute shader is a function too: choose the shader template.\n${button("Create Function", "createFunction")}`,
    alt: "A grid of workgroups turning into an image.",
    events: ["onContext:myOwnCluster.hasShader"],
  },
  {
    id: "next",
    title: "Go further",
    description: `Key-value store, filters, calls between functions, limits, tests in the Test Explorer, the \`moc\` command line.\n${button("Open Key", "openKey")}\n${button("Show Runtime Log", "showRuntimeLog")}`,
    alt: "Functions, filters and the store joined by lines.",
    events: [`onCommand:${commandId("showRuntimeLog")}`, `onCommand:${commandId("openKey")}`],
  },
];

/** Notes an English text under a key of package.nls.json, and answers the placeholder for it. */
export type Translate = (key: string, english: string) => string;

/** `contributes.walkthroughs`. */
export function walkthroughs(say: Translate): object[] {
  return [
    {
      id: WALKTHROUGH,
      title: say("walkthrough.title", "Get Started with My Own Cluster"),
      description: say(
        "walkthrough.description",
        "Write a function, save it, and it is live on a platform of your own.",
      ),
      featuredFor: ["**/moc.json"],
      steps: STEPS.map((step) => ({
        id: step.id,
        title: say(`walkthrough.${step.id}.title`, step.title),
        description: say(`walkthrough.${step.id}.description`, step.description),
        media: {
          svg: `extension/media/walkthrough-${step.id}.svg`,
          altText: say(`walkthrough.${step.id}.alt`, step.alt),
        },
        completionEvents: step.events,
      })),
    },
  ];
}

/** `contributes.languageModelTools`; what the model is told stays English. */
export function languageModelTools(say: Translate): object[] {
  return (Object.keys(TOOLS) as ToolName[]).map((name) => ({
    name: editorToolName(name),
    displayName: say(`tool.${name}`, TOOLS[name].title),
    modelDescription: TOOLS[name].description,
    canBeReferencedInPrompt: true,
    toolReferenceName: `moc_${name}`,
    tags: ["my-own-cluster"],
    when: "isWorkspaceTrusted",
    inputSchema: inputSchema(TOOLS[name]),
  }));
}

/** `contributes.taskDefinitions`. */
export function taskDefinitions(say: Translate): object[] {
  const action = say("task.action", "What to do with the function.");
  const folder = say(
    "task.folder",
    "Folder with the function's moc.json, relative to the workspace folder.",
  );
  return [
    {
      type: TASK_TYPE,
      required: ["action"],
      properties: {
        action: { type: "string", enum: ["build", "deploy", "test"], description: action },
        folder: { type: "string", description: folder },
      },
      when: "isWorkspaceTrusted",
    },
  ];
}

/** Languages that the editor itself does not know; extensions for them add to these. */
const LANGUAGES = [
  { id: "wgsl", extensions: [".wgsl"], aliases: ["WGSL"], comments: "slashes" },
  { id: "wat", extensions: [".wat"], aliases: ["WebAssembly Text"], comments: "semicolons" },
] as const;

/** The fixed rest: problem matcher, schemas, languages, snippets, MCP. */
export const FEATURES = {
  problemMatchers: [
    {
      name: PROBLEM_MATCHER,
      label: "My Own Cluster",
      owner: PROBLEM_MATCHER,
      source: "my-own-cluster",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the editor replaces it
      fileLocation: ["autoDetect", "${workspaceFolder}"],
      pattern: {
        regexp: "^(.+):(\\d+):(\\d+): (error|warning|info): (.*?)(?: \\[([^\\]]+)\\])?$",
        file: 1,
        line: 2,
        column: 3,
        severity: 4,
        message: 5,
        code: 6,
      },
    },
  ],
  jsonValidation: [
    { fileMatch: "moc.json", url: "./schemas/moc.schema.json" },
    { fileMatch: "**/samples/*.json", url: `./${COMPLETION_SCHEMA}` },
  ],
  languages: LANGUAGES.map(({ comments, ...language }) => ({
    ...language,
    configuration: `./extension/languages/${comments}.json`,
  })),
  snippets: ["javascript", "typescript", "rust", "c", "go", "wgsl"].map((language) => ({
    language,
    path: `./extension/snippets/${language}.code-snippets`,
  })),
  mcpServerDefinitionProviders: [{ id: "myOwnCluster.mcp", label: "My Own Cluster" }],
} as const;
