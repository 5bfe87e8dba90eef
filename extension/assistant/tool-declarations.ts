/** What assistants may do with the platform: declared once for the editor's tools and for MCP. */

interface Property {
  readonly type: "string" | "integer" | "object";
  readonly description: string;
}

/** A tool that language models may use, as the editor and MCP clients are told of it. */
export interface ToolDeclaration {
  readonly title: string;
  /** Told to the language model. */
  readonly description: string;
  /** Changes something, or runs code: asks the user first. */
  readonly changes: boolean;
  /** The property that names what is changed. */
  readonly target?: string;
  readonly properties: Readonly<Record<string, Property>>;
  readonly required: readonly string[];
}

/** All tools by name; package.json and the MCP server are made of them. */
export const TOOLS = {
  list_functions: {
    title: "List Functions",
    description:
      "Lists the functions deployed on the user's local My Own Cluster runtime with their URLs (plugs), language, call and error counts.",
    changes: false,
    properties: {},
    required: [],
  },
  invoke_function: {
    title: "Invoke Function",
    description:
      "Calls a function deployed on the local My Own Cluster runtime through one of its plugs (method and path) or, without a path, directly by its name; answers status, headers, body and log lines.",
    changes: true,
    target: "name",
    properties: {
      name: { type: "string", description: "Name of the function." },
      method: { type: "string", description: "http method, default GET; only with a path." },
      path: { type: "string", description: "Path with query, as in /hello/world?x=1." },
      headers: { type: "object", description: "Request headers." },
      body: { type: "string", description: "Request body as text." },
    },
    required: ["name"],
  },
  read_log: {
    title: "Read Function Log",
    description: "Reads the last log lines of a function, or of the whole platform.",
    changes: false,
    properties: {
      name: { type: "string", description: "Name of the function; all when left out." },
      limit: { type: "integer", description: "Number of lines, default 50, at most 500." },
    },
    required: [],
  },
  read_key: {
    title: "Read Key",
    description:
      "Reads the value of a key of the key-value store that functions share; or, for a key that ends with *, lists the keys with that prefix.",
    changes: false,
    properties: { key: { type: "string", description: "The key, or a prefix followed by *." } },
    required: ["key"],
  },
  deploy_function: {
    title: "Deploy Function",
    description:
      "Builds the function in a folder that holds a moc.json and deploys it; answers the changes, or the build errors with file and line.",
    changes: true,
    target: "folder",
    properties: {
      folder: { type: "string", description: "Absolute path of the function's folder." },
    },
    required: ["folder"],
  },
} as const satisfies Record<string, ToolDeclaration>;

/** Name of a tool. */
export type ToolName = keyof typeof TOOLS;

/** JSON schema of a tool's input. */
export function inputSchema(tool: ToolDeclaration): object {
  return {
    type: "object",
    properties: tool.properties,
    required: tool.required,
    additionalProperties: false,
  };
}

/** Name under which the editor knows a tool. */
export function editorToolName(name: ToolName): string {
  return `myOwnCluster_${name}`;
}
