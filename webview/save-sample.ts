import { MocError } from "../runtime/protocol/errors.ts";
import type { Sample } from "./sample.ts";
import type { App } from "./view.ts";

/** Saves a sample of a function, and says where it is. */
export async function saveSample(app: App, functionName: string, sample: Sample): Promise<void> {
  const { transport } = app;
  try {
    const place = await transport.saveSample(functionName, sample);
    if (place === undefined) return;
    app.tell(
      transport.editor
        ? `Saved as ${place}.`
        : `Put ${place} into the folder 'samples' of ${functionName}.`,
    );
  } catch (thrown) {
    app.tell(MocError.from(thrown).message, "err");
  }
}
