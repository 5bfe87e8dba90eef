import { createInterface } from "node:readline/promises";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./verb.ts";

/**
 * Asks before something that cannot be undone.
 * @throws UsageError when nobody is there to ask, or the answer is not yes
 */
export async function confirm(question: string, terminal: Terminal): Promise<void> {
  if (!terminal.isInteractive) throw new UsageError("give --yes to do it without being asked");
  const reader = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await reader.question(`${question} (yes/no): `);
    if (answer.trim().toLowerCase() !== "yes") throw new UsageError("nothing was changed");
  } finally {
    reader.close();
  }
}
