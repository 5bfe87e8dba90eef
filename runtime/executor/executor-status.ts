import type { FunctionImage } from "../protocol/executor-messages.ts";
import type { ExecutorStatus } from "../protocol/rest.ts";
import type { Executor } from "./executor.ts";

export function usedStatus(executor: Executor, image: FunctionImage): ExecutorStatus {
  return {
    id: executor.id,
    function: image.name,
    techID: image.techID,
    state: executor.state === "loading" ? "loading" : executor.running > 0 ? "busy" : "idle",
    calls: executor.callCount,
    memoryBytes: executor.memoryBytes,
  };
}

export function spareStatus({ id }: Executor): ExecutorStatus {
  return { id, function: "", techID: "", state: "spare", calls: 0, memoryBytes: 0 };
}
