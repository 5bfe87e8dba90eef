import { test } from "node:test";
import { type Editor, hasEditor } from "./scenario.ts";
import type { Workbench } from "./workbench.ts";

/** What the steps of one window act upon. */
interface Stage {
  readonly editor: Editor | string;
  /** Undefined where there is no editor. */
  readonly bench: Workbench | undefined;
}

/**
 * Makes steps in a window that several share: each is a test of its own, of whose failure a picture
 * and the logs are kept.
 */
export function stepsIn(
  stage: () => Stage,
): (name: string, run: (bench: Workbench, editor: Editor) => Promise<void>) => void {
  return (name, run) =>
    void test(name, async (t) => {
      const { editor, bench } = stage();
      if (!hasEditor(editor, t) || !bench) return;
      try {
        await run(bench, editor);
      } catch (error) {
        const file = `failed-${name.replaceAll(/\W+/g, "-")}`;
        await bench.picture(file);
        await editor.keepLogs(file);
        throw error;
      }
    });
}
