import { Client, connect } from "../../devkit/client.ts";
import { resolveTarget } from "../../devkit/target.ts";
import { type TargetArguments, targetOptions } from "./target-options.ts";

/** Lends a client of the runtime that is meant; no connection is left open. */
export async function withClient<T>(
  options: TargetArguments,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client(await resolveTarget(targetOptions(options)));
  try {
    return await work(client);
  } finally {
    client.close();
  }
}

/** As {@link withClient}, having made sure that the runtime answers. */
export async function withLiveClient<T>(
  options: TargetArguments,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = await connect(targetOptions(options));
  try {
    return await work(client);
  } finally {
    client.close();
  }
}
