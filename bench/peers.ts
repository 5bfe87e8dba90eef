/** What the runtime is compared with, started side by side on the same machine. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "./free-port.ts";

interface Peer {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

const ROOT = fileURLToPath(new URL("..", import.meta.url));
export const HELLO = "Hello, world!\n";

/** Bare `node:http` (or https with the given key pair): the floor under everything. */
export async function startBareNode(tls?: {
  readonly key: string;
  readonly cert: string;
}): Promise<Peer> {
  const port = await freePort();
  const create = tls
    ? `import { createServer } from "node:https"; const server = createServer(${JSON.stringify(tls)}, answer);`
    : `import { createServer } from "node:http"; const server = createServer(answer);`;
  const program = `${create}
    function answer(request, response) {
      response.setHeader("content-type", "text/plain");
      response.end(${JSON.stringify(HELLO)});
    }
    server.listen(${port}, "127.0.0.1", () => console.log("ready"));`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return started(child, `${tls ? "https" : "http"}://127.0.0.1:${port}/`, "ready");
}

/** npm's `workerd` with a plain hello; one isolate whose state is shared by all requests. */
export async function startWorkerd(): Promise<Peer> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), "moc-bench-"));
  await writeFile(
    join(folder, "hello.js"),
    `export default { fetch() { return new Response(${JSON.stringify(HELLO)}, { headers: { "content-type": "text/plain" } }); } };`,
  );
  await writeFile(
    join(folder, "config.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (modules = [(name = "hello.js", esModule = embed "hello.js")], compatibilityDate = "2025-01-01"))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")]
);`,
  );
  const child = spawn(
    join(ROOT, "node_modules/workerd/bin/workerd"),
    ["serve", join(folder, "config.capnp")],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
  return started(child, `http://127.0.0.1:${port}/`);
}

async function started(child: ChildProcess, url: string, word?: string): Promise<Peer> {
  if (word) await new Promise<void>((resolve) => child.stdout?.once("data", () => resolve()));
  for (let tries = 0; !(await answers(url)); tries++) {
    if (tries > 200) throw new Error(`nothing answers at ${url}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    url,
    pid: child.pid ?? 0,
    stop: () =>
      new Promise((resolve) => {
        child.once("exit", () => resolve());
        child.kill();
      }),
  };
}

async function answers(url: string): Promise<boolean> {
  if (url.startsWith("https")) return true;
  try {
    await (await fetch(url)).text();
    return true;
  } catch {
    return false;
  }
}

/** Resident memory of a process, in bytes (Linux). */
export async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
}
