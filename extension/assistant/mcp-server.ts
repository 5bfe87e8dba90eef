/**
 * The Model Context Protocol over lines of JSON-RPC (specification 2025-06-18, stdio transport): only
 * what serving tools needs.
 */
import { MocError } from "../../runtime/protocol/errors.ts";
import { inputSchema, TOOLS, type ToolName } from "./tool-declarations.ts";
import { toolNamed } from "./tools.ts";

export const MCP_PROTOCOL_VERSION = "2025-06-18";

export interface McpOptions {
  readonly version: string;
  readonly run: (tool: ToolName, input: unknown) => Promise<string>;
}

type Answer = Readonly<Record<string, unknown>> | undefined;

/** Answers one line; undefined for notifications, which have no answer. */
export async function answerLine(line: string, options: McpOptions): Promise<string | undefined> {
  const message = parse(line);
  if (!message) return failure(null, -32700, "This is no JSON-RPC message.");
  const { id, method, params } = message;
  if (typeof method !== "string") return failure(id ?? null, -32600, "A method is needed.");
  if (id === undefined) return undefined;
  const result = await resultOf(method, params, options);
  if (result === undefined) return failure(id, -32601, `The method ${method} is not known.`);
  return JSON.stringify({ jsonrpc: "2.0", id, result });
}

async function resultOf(method: string, params: unknown, options: McpOptions): Promise<Answer> {
  switch (method) {
    case "initialize":
      return {
        protocolVersion: MCP_PROTOCOL_VERSION,
        capabilities: { tools: {} },
        serverInfo: { name: "my-own-cluster", version: options.version },
      };
    case "ping":
      return {};
    case "tools/list":
      return { tools: (Object.keys(TOOLS) as ToolName[]).map(describe) };
    case "tools/call":
      return callTool(params, options);
    default:
      return undefined;
  }
}

function describe(name: ToolName): object {
  const tool = TOOLS[name];
  return {
    name,
    title: tool.title,
    description: tool.description,
    inputSchema: inputSchema(tool),
    // Clients ask their user before tools that are not read-only.
    annotations: { readOnlyHint: !tool.changes, openWorldHint: false },
  };
}

/** A tool that fails is an answer that says so; the model can do something about it. */
async function callTool(params: unknown, options: McpOptions): Promise<Answer> {
  const { name, arguments: input = {} } = (params ?? {}) as Readonly<Record<string, unknown>>;
  const tool = toolNamed(name);
  const said = (text: string, isError: boolean): Answer => ({
    content: [{ type: "text", text }],
    isError,
  });
  if (!tool) return said(`There is no tool "${String(name)}".`, true);
  try {
    return said(await options.run(tool, input), false);
  } catch (error) {
    const { code, message } = MocError.from(error);
    return said(`${code}: ${message}`, true);
  }
}

interface Message {
  readonly id?: string | number | null;
  readonly method?: unknown;
  readonly params?: unknown;
}

function parse(line: string): Message | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    // Answered as a parse error.
    return undefined;
  }
}

function failure(id: string | number | null, code: number, message: string): string {
  return JSON.stringify({ jsonrpc: "2.0", id, error: { code, message } });
}
