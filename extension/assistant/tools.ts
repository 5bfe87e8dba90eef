import type { Client } from "../../devkit/client.ts";
import { deployProject } from "../../devkit/deploy.ts";
import { formatDiagnostic } from "../../devkit/diagnostic.ts";
import { readProject } from "../../devkit/manifest.ts";
import { MocError } from "../../runtime/protocol/errors.ts";
import { userFunctions } from "../functions/function-item.ts";
import { asText } from "../keys/key-format.ts";
import { readKey } from "../keys/key-store.ts";
import { TOOLS, type ToolDeclaration, type ToolName } from "./tool-declarations.ts";

interface ToolContext {
  readonly client: Client;
  readonly signal?: AbortSignal | undefined;
  /** Whether a folder may be built and deployed. */
  readonly mayDeploy: (folder: string) => boolean;
}

type Input = Readonly<Record<string, unknown>>;

const TEXT_MAX = 20_000;

const RUN: Readonly<Record<ToolName, (context: ToolContext, input: Input) => Promise<string>>> = {
  list_functions: listFunctions,
  invoke_function: invokeFunction,
  read_log: readLog,
  read_key: readKeyOrPrefix,
  deploy_function: deployFunction,
};

/**
 * Runs a tool for an assistant and answers text.
 * @throws MocError MOC_BAD_REQUEST for input that is not of the declared form, and the tool's own
 */
export async function runTool(
  name: ToolName,
  context: ToolContext,
  input: unknown,
): Promise<string> {
  const checked = checkInput(TOOLS[name], input);
  const text = await RUN[name](context, checked);
  return text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}\n… (cut)` : text;
}

/** The name of a tool, or undefined. */
export function toolNamed(name: unknown): ToolName | undefined {
  return typeof name === "string" && Object.hasOwn(TOOLS, name) ? (name as ToolName) : undefined;
}

function checkInput(tool: ToolDeclaration, input: unknown): Input {
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    throw new MocError("MOC_BAD_REQUEST", "The input must be an object.");
  }
  const given = input as Input;
  for (const name of tool.required) {
    if (given[name] === undefined) throw new MocError("MOC_BAD_REQUEST", `"${name}" is missing.`);
  }
  for (const [name, value] of Object.entries(given)) {
    const property = tool.properties[name];
    if (!property) throw new MocError("MOC_BAD_REQUEST", `"${name}" is not known.`);
    const fits =
      property.type === "integer" ? Number.isInteger(value) : typeof value === property.type;
    if (!fits || value === null) {
      throw new MocError("MOC_BAD_REQUEST", `"${name}" must be of type ${property.type}.`);
    }
  }
  return given;
}

async function listFunctions({ client, signal }: ToolContext): Promise<string> {
  const { functions } = await client.call("functions", undefined, { signal });
  const shown = userFunctions(functions).map(
    ({ name, settings, plugs, calls, errors, revision }) => ({
      name,
      language: settings.language,
      revision,
      calls,
      errors,
      urls: plugs.map(
        ({ method, path }) => `${method.toUpperCase()} ${client.target.baseUrl}${path}`,
      ),
    }),
  );
  return JSON.stringify(shown, null, 2);
}

async function invokeFunction({ client, signal }: ToolContext, input: Input): Promise<string> {
  const name = String(input.name);
  const body = input.body === undefined ? undefined : String(input.body);
  const headers = Object.fromEntries(
    Object.entries((input.headers ?? {}) as Input).map(([key, value]) => [key, String(value)]),
  );
  if (input.path !== undefined) {
    const path = String(input.path);
    if (!path.startsWith("/") || path.startsWith("/my-own-cluster")) {
      throw new MocError("MOC_BAD_REQUEST", `"${path}" is no path of a function.`);
    }
    const method = String(input.method ?? "GET");
    await checkOwnPath({ client, signal }, name, method, path);
    const answer = await client.fetchFunction({ method, path, headers, body, signal });
    return JSON.stringify(
      {
        status: answer.status,
        headers: Object.fromEntries(answer.headers),
        body: shown(answer.body),
      },
      null,
      2,
    );
  }
  const answer = await client.call(
    "callFunction",
    {
      body: {
        name,
        headers,
        ...(body !== undefined && { input: Buffer.from(body).toString("base64") }),
      },
    },
    { signal },
  );
  const { logs } = await client.call("call", { path: { id: String(answer.call_id) } }, { signal });
  return JSON.stringify(
    {
      status: answer.output_status,
      result: answer.result,
      headers: answer.output_headers,
      body: shown(Buffer.from(answer.output, "base64")),
      log: logs.map(({ level, text }) => `${level} ${text}`),
    },
    null,
    2,
  );
}

/** The user allowed one function to be called: a path of another one is not part of that. */
async function checkOwnPath(
  { client, signal }: Pick<ToolContext, "client" | "signal">,
  name: string,
  method: string,
  target: string,
): Promise<void> {
  const [path = ""] = target.split("?");
  const { plug } = await client.call("matchPlug", { query: { method, path } }, { signal });
  if (plug?.type === "function" && plug.name !== name) {
    throw new MocError("MOC_BAD_REQUEST", `${path} is answered by ${plug.name}, not by ${name}.`);
  }
}

async function readLog({ client, signal }: ToolContext, input: Input): Promise<string> {
  const limit = Math.min(Math.max(Number(input.limit ?? 50), 1), 500);
  const query = { limit, ...(input.name !== undefined && { function: String(input.name) }) };
  const { lines } = await client.call("logs", { query }, { signal });
  if (lines.length === 0) return "The log is empty.";
  return lines
    .map(
      (line) =>
        `${new Date(line.at).toISOString()} ${line.level} [${line.function || "runtime"}] ${line.text}`,
    )
    .join("\n");
}

async function readKeyOrPrefix({ client, signal }: ToolContext, input: Input): Promise<string> {
  const key = String(input.key);
  if (key.endsWith("*")) {
    const query = { prefix: key.slice(0, -1), limit: 200 };
    const { entries } = await client.call("kvList", { query }, { signal });
    return (
      entries.map((entry) => `${entry.key} (${entry.length} bytes)`).join("\n") || "No such key."
    );
  }
  const { value } = await readKey(client, Buffer.from(key));
  return shown(value);
}

async function deployFunction(context: ToolContext, input: Input): Promise<string> {
  const folder = String(input.folder);
  if (!context.mayDeploy(folder)) {
    throw new MocError("MOC_FORBIDDEN", `${folder} is not in a folder that is open and trusted.`);
  }
  const { client, signal } = context;
  const outcome = await deployProject(client, await readProject(folder), signal ? { signal } : {});
  const diagnostics = outcome.build.diagnostics.map(formatDiagnostic);
  if (!outcome.ok) {
    return [
      "The build failed; the old version goes on serving.",
      ...diagnostics,
      outcome.build.output,
    ].join("\n");
  }
  const changed = outcome.changed.length > 0 ? outcome.changed : ["nothing changed"];
  return [
    `${outcome.name} is live, revision ${outcome.revision}.`,
    ...changed,
    ...outcome.urls,
    ...diagnostics,
  ].join("\n");
}

function shown(bytes: Uint8Array): string {
  return asText(bytes) ?? `base64:${Buffer.from(bytes).toString("base64")}`;
}
