/** A GPU host that loses its device when a job comes whose first resource is called "lose". */
import { openDevice } from "./device.ts";
import type { ToGpu } from "./process-messages.ts";
import { serveGpu } from "./serve-gpu.ts";

await serveGpu(async (...which) => {
  const opened = await openDevice(...which);
  if ("device" in opened) {
    process.on("message", (message: ToGpu) => {
      const name = message.kind === "compute" && message.job.resources[0]?.name;
      if (name === "lose") opened.device.destroy();
    });
  }
  return opened;
});
