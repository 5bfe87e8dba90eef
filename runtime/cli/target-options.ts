import type { TargetOptions } from "../../devkit/target.ts";

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
