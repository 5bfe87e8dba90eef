import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readInstance } from "../../devkit/target.ts";

/** A PEM file with the runtime's certificate, for curl; undefined when no runtime has the folder. */
export async function certificateFile(dataFolder: string): Promise<string | undefined> {
  const instance = await readInstance(dataFolder);
  if (!instance) return undefined;
  const file = join(dataFolder, "instance-certificate.pem");
  await writeFile(file, instance.certificate);
  return file;
}
