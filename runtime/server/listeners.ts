import { once } from "node:events";
import type { Server } from "node:net";
import { MocError } from "../protocol/errors.ts";

/** Addresses of the two loopback families: `localhost` may mean either. */
export const LOOPBACK = ["127.0.0.1", "::1"] as const;

const PICK_TRIES = 20;

/**
 * Listens on one port of several addresses.
 * @param servers one for each address, not listening yet
 * @param port 0: any that is free on all of them
 * @returns the port
 * @throws MOC_PORT_IN_USE
 */
export async function listenOn(
  servers: readonly { readonly server: Server; readonly address: string }[],
  port: number,
): Promise<number> {
  for (let tries = 1; ; tries++) {
    let bound = port;
    let taken: NodeJS.ErrnoException | undefined;
    let missing: NodeJS.ErrnoException | undefined;
    for (const { server, address } of servers) {
      try {
        await listen(server, bound, address);
        bound = portOf(server);
      } catch (error) {
        const problem = error as NodeJS.ErrnoException;
        // A machine without IPv6 is served by the other address.
        if (isMissingFamily(problem)) {
          missing = problem;
          continue;
        }
        taken = problem;
        break;
      }
    }
    if (!servers.some(({ server }) => server.listening)) taken ??= missing;
    if (!taken) return bound;
    await Promise.all(servers.map(({ server }) => stop(server)));
    const pickAgain = port === 0 && taken.code === "EADDRINUSE" && tries < PICK_TRIES;
    if (!pickAgain) throw listenError(taken, port);
  }
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  server.listen({ port, host, exclusive: true });
  await once(server, "listening");
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address ? address.port : 0;
}

async function stop(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, "close");
  server.close();
  await closed;
}

function isMissingFamily(error: NodeJS.ErrnoException): boolean {
  return error.code === "EADDRNOTAVAIL" || error.code === "EAFNOSUPPORT";
}

function listenError(cause: NodeJS.ErrnoException & { address?: string }, port: number): MocError {
  if (cause.code === "EADDRINUSE") {
    const message = `Another program listens on port ${port}; stop it, or start with --port N (0 picks a free one).`;
    return new MocError("MOC_PORT_IN_USE", message, { cause });
  }
  if (cause.code === "EACCES") {
    const message = `This user may not listen on port ${port}; start with --port N above 1023.`;
    return new MocError("MOC_PORT_IN_USE", message, { cause });
  }
  const { address = "localhost" } = cause;
  const message = isMissingFamily(cause)
    ? `${address} is no address of this machine; start with another --host.`
    : `Cannot listen on port ${port}: ${cause.message}`;
  return new MocError("MOC_PORT_IN_USE", message, { cause });
}
