import { type InspectorNotification, type NodeWorker, Session } from "node:inspector";
import type { Worker } from "node:worker_threads";
import { MocError } from "../protocol/errors.ts";
import type { Inspection, InspectionEvents } from "./channel.ts";

/** For a thread of this process to be reported. */
const ATTACH_MS = 5000;

/** From a thread's end until all that it said of itself was handed out. */
const DRAIN_MS = 1000;

/**
 * Debugs a worker thread of this process from within, through the inspector's own domain for
 * threads: no port is opened, and neither this thread nor another one can be stopped through it.
 *
 * @throws MocError MOC_INTERNAL: this Node has no inspector, or not the thread
 */
export async function inspectThread(worker: Worker, events: InspectionEvents): Promise<Inspection> {
  const session = new Session();
  session.connect();
  disconnectAfter(worker, session);
  try {
    const sessionId = await attach(session, worker.threadId);
    return new ThreadInspection(session, sessionId, events);
  } catch (cause) {
    // Nobody asked a thread for anything yet.
    session.disconnect();
    if (cause instanceof MocError) throw cause;
    throw new MocError("MOC_INTERNAL", `the executor cannot be debugged: ${cause}`, { cause });
  }
}

/**
 * Disconnects when nothing of the thread can be under way any more. What a thread says between its
 * detachment and the moment when it hears of it is handed to the session all the same: Node does not
 * look whether that still is, and the whole process would crash.
 */
function disconnectAfter(worker: Worker, session: Session): void {
  const drained = (): void => {
    // What the loop has yet to hand out comes before this.
    setImmediate(() => session.disconnect());
  };
  worker.once("exit", () => setTimeout(drained, DRAIN_MS).unref());
}

/** Threads that start later are none of the session's. */
function leave(session: Session): void {
  session.post("NodeWorker.disable");
}

/** Answers the session of the thread; all others are let go at once. */
function attach(session: Session, threadId: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(
      () => reject(new MocError("MOC_INTERNAL", "the executor's thread was not found")),
      ATTACH_MS,
    );
    session.on("NodeWorker.attachedToWorker", ({ params }) => {
      const { sessionId, workerInfo } = params;
      if (!workerInfo.title.startsWith(`[worker ${threadId}]`)) {
        session.post("NodeWorker.detach", { sessionId });
        return;
      }
      clearTimeout(late);
      resolve(sessionId);
    });
    session.post("NodeWorker.enable", { waitForDebuggerOnStart: false }, (error) => {
      if (error) reject(error);
    });
  });
}

class ThreadInspection implements Inspection {
  readonly #session: Session;
  readonly #sessionId: string;
  #closed = false;

  constructor(session: Session, sessionId: string, events: InspectionEvents) {
    this.#session = session;
    this.#sessionId = sessionId;
    const mine = (id: string): boolean => id === sessionId && !this.#closed;
    session.on(
      "NodeWorker.receivedMessageFromWorker",
      ({ params }: InspectorNotification<NodeWorker.ReceivedMessageFromWorkerEventDataType>) => {
        if (mine(params.sessionId)) events.message(params.message);
      },
    );
    session.on("NodeWorker.detachedFromWorker", ({ params }) => {
      if (!mine(params.sessionId)) return;
      this.#closed = true;
      leave(session);
      events.ended();
    });
  }

  send(message: string): void {
    if (this.#closed) return;
    const sessionId = this.#sessionId;
    this.#session.post("NodeWorker.sendMessageToWorker", { sessionId, message });
  }

  close(): void {
    if (this.#closed) return;
    // A thread that is let go while it stands would stand for ever.
    this.send(JSON.stringify({ id: 0, method: "Debugger.disable" }));
    // The detachment is told at once, and is no end of the thread.
    this.#closed = true;
    this.#session.post("NodeWorker.detach", { sessionId: this.#sessionId });
    leave(this.#session);
  }
}
