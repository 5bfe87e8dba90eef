/**
 * The Model Context Protocol over lines of JSON-RPC (specification 2025-06-18, stdio transport): only
 * what serving tools needs, and asking the user (elicitation) before one of them changes something.
 */
import { MocError } from "../../runtime/protocol/errors.ts";
import { isObject } from "../../runtime/protocol/is-object.ts";
import { inputSchema, TOOLS, type ToolDeclaration, type ToolName } from "./tool-declarations.ts";
import { toolNamed } from "./tools.ts";

const MCP_PROTOCOL_VERSION = "2025-06-18";

interface McpOptions {
  readonly version: string;
  readonly run: (tool: ToolName, input: unknown) => Promise<string>;
  /** Sends one line to the client. */
  readonly write: (line: string) => void;
}

type Fields = Readonly<Record<string, unknown>>;

/** One client's conversation. */
export class McpServer {
  readonly #options: McpOptions;
  /** The client can put a question to its user. */
  #canAsk = false;
  #asked = 0;
  readonly #questions = new Map<string, (answer: Fields) => void>();
  /** What the user has allowed: a tool with its target, until the client goes. */
  readonly #allowed = new Set<string>();

  constructor(options: McpOptions) {
    this.#options = options;
  }

  /** Takes one line of the client; settles when what it asks for is answered. */
  async receive(line: string): Promise<void> {
    const message = parse(line);
    if (!message) return this.#fail(null, -32700, "This is no JSON-RPC message.");
    const { id, method, params, result } = message;
    if (method === undefined && typeof id === "string" && this.#questions.has(id)) {
      this.#questions.get(id)?.(fields(result));
      return;
    }
    if (typeof method !== "string") return this.#fail(id ?? null, -32600, "A method is needed.");
    if (id === undefined) return;
    const answer = await this.#answer(method, fields(params));
    if (answer) this.#send({ id, result: answer });
    else this.#fail(id, -32601, `The method ${method} is not known.`);
  }

  /** The client is gone: what waits for its user is declined. */
  close(): void {
    for (const answer of this.#questions.values()) answer({});
  }

  async #answer(method: string, params: Fields): Promise<Fields | undefined> {
    switch (method) {
      case "initialize":
        this.#canAsk = fields(params.capabilities).elicitation !== undefined;
        return {
          protocolVersion: MCP_PROTOCOL_VERSION,
          capabilities: { tools: {} },
          serverInfo: { name: "my-own-cluster", version: this.#options.version },
        };
      case "ping":
        return {};
      case "tools/list":
        return { tools: (Object.keys(TOOLS) as ToolName[]).map(describe) };
      case "tools/call":
        return this.#callTool(params);
      default:
        return undefined;
    }
  }

  /** A tool that fails is an answer that says so; the model can do something about it. */
  async #callTool({ name, arguments: input = {} }: Fields): Promise<Fields> {
    const tool = toolNamed(name);
    if (!tool) return said(`There is no tool "${String(name)}".`, true);
    try {
      if (TOOLS[tool].changes) await this.#confirm(tool, fields(input));
      return said(await this.#options.run(tool, input), false);
    } catch (error) {
      const { code, message } = MocError.from(error);
      return said(`${code}: ${message}`, true);
    }
  }

  /**
   * Asks the user, once for a tool and what it is used on. Clients should ask before tools that are
   * not read-only, but may have been told not to: that is not for an assistant to decide.
   * @throws MocError MOC_FORBIDDEN
   */
  async #confirm(tool: ToolName, input: Fields): Promise<void> {
    const declaration: ToolDeclaration = TOOLS[tool];
    const target = String(input[declaration.target ?? ""] ?? "");
    const key = `${tool} ${target}`;
    if (this.#allowed.has(key)) return;
    if (!this.#canAsk) {
      throw new MocError(
        "MOC_FORBIDDEN",
        `${declaration.title} needs the user's consent, and this client cannot ask for it (MCP elicitation): do it in the editor or with the moc command.`,
      );
    }
    const message = `${declaration.title}: ${target}. It runs code on your machine. Allow it, also for the rest of this session?`;
    const { action } = await this.#ask(message);
    if (action !== "accept") throw new MocError("MOC_FORBIDDEN", "The user declined.");
    this.#allowed.add(key);
  }

  async #ask(message: string): Promise<Fields> {
    const id = `ask-${++this.#asked}`;
    const { promise, resolve } = Promise.withResolvers<Fields>();
    this.#questions.set(id, resolve);
    const requestedSchema = { type: "object", properties: {} };
    this.#send({ id, method: "elicitation/create", params: { message, requestedSchema } });
    try {
      return await promise;
    } finally {
      this.#questions.delete(id);
    }
  }

  #send(message: object): void {
    this.#options.write(JSON.stringify({ jsonrpc: "2.0", ...message }));
  }

  #fail(id: string | number | null, code: number, message: string): void {
    this.#send({ id, error: { code, message } });
  }
}

function describe(name: ToolName): object {
  const tool = TOOLS[name];
  return {
    name,
    title: tool.title,
    description: tool.description,
    inputSchema: inputSchema(tool),
    annotations: {
      title: tool.title,
      readOnlyHint: !tool.changes,
      // A deploy replaces what serves; a call may change whatever the function can.
      destructiveHint: tool.changes,
      idempotentHint: name === "deploy_function",
      openWorldHint: false,
    },
  };
}

function said(text: string, isError: boolean): Fields {
  return { content: [{ type: "text", text }], isError };
}

interface Message {
  readonly id?: string | number | null;
  readonly method?: unknown;
  readonly params?: unknown;
  /** Of an answer to a question of ours. */
  readonly result?: unknown;
}

function parse(line: string): Message | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    // Answered as a parse error.
    return undefined;
  }
}

function fields(value: unknown): Fields {
  return isObject(value) ? value : {};
}
