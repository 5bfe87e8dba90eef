import { Client, connect } from "../../devkit/client.ts";
import { resolveTarget, type TargetOptions } from "../../devkit/target.ts";

/** The options of {@link TARGET_OPTIONS} as they were given. */
export interface TargetArguments {
  readonly data: string | undefined;
  readonly baseUrl: string | undefined;
  readonly token: string | undefined;
  readonly certificate: string | undefined;
}

export function targetOptions(options: TargetArguments): TargetOptions {
  const { data: dataFolder, baseUrl, token, certificate: certificateFile } = options;
  return { dataFolder, baseUrl, token, certificateFile };
}

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
