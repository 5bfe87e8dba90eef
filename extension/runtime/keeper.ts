/**
 * Loaded into the runtime process before its own code (`--import`): ends it gracefully when no
 * window has needed it for the grace time. In the process itself, so that nothing outside has to
 * survive for it to work.
 */
import { isMainThread } from "node:worker_threads";
import { livingLeases } from "./leases.ts";

/** Folder of leases, and seconds without any; set for the runtime process only. */
const KEEPER_FOLDER = "MOC_KEEPER_FOLDER";
const KEEPER_GRACE = "MOC_KEEPER_GRACE_SECONDS";
const POLL_MS = 1000;

const folder = process.env[KEEPER_FOLDER];
const graceMs = Number(process.env[KEEPER_GRACE]) * 1000;
// Neither guests' compilers nor the GPU host are to keep watch as well.
delete process.env[KEEPER_FOLDER];
delete process.env[KEEPER_GRACE];

if (isMainThread && folder && graceMs > 0) {
  watch(folder, graceMs);
  // The window that reads our output may be gone while others still need us.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
}

function watch(leases: string, grace: number): void {
  let lastNeeded = performance.now();
  const timer = setInterval(async () => {
    if ((await livingLeases(leases)) > 0) lastNeeded = performance.now();
    if (performance.now() - lastNeeded < grace) return;
    clearInterval(timer);
    process.stdout.write("No window needs this runtime any more: it ends.\n");
    // Not process.kill: on Windows that ends it at once.
    if (process.listenerCount("SIGTERM") > 0) process.emit("SIGTERM", "SIGTERM");
    else process.exit(0);
  }, POLL_MS);
  timer.unref();
}
