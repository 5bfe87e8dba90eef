import { wasi } from "@bjorn3/browser_wasi_shim";
import type { GuestMemory } from "../guest-memory.ts";
import type { Readiness } from "./descriptor.ts";
import type { Dialect } from "./layouts.ts";
import { TIMER_MS_MAX, type WasiProcess } from "./process.ts";
import { readClock } from "./program-functions.ts";
import { fail, WasiError } from "./wasi-error.ts";
import type { WasiFunctions } from "./wasi-function.ts";

const EVENT_BYTES = 32;
const SUBSCRIPTIONS_MAX = 1024;

interface ClockWait {
  readonly kind: "clock";
  readonly userdata: bigint;
  /** Time left in ns; not above 0: it is over. */
  readonly left: bigint;
}

interface DescriptorWait {
  readonly kind: "descriptor";
  readonly userdata: bigint;
  readonly eventtype: number;
  readonly fd: number;
}

interface Refused {
  readonly kind: "refused";
  readonly userdata: bigint;
  readonly eventtype: number;
  readonly errno: number;
}

type Wait = ClockWait | DescriptorWait | Refused;

interface PollEvent {
  readonly userdata: bigint;
  readonly eventtype: number;
  readonly errno: number;
  readonly readiness?: Readiness;
}

/** `poll_oneoff`: waits for time to pass or for something to read. */
export function pollFunctions(dialect: Dialect): WasiFunctions {
  return {
    poll_oneoff: {
      params: "iiii",
      waits: true,
      run(process, pointer: number, out: number, count: number, countOut: number) {
        const { memory } = process;
        const subscriptions = count >>> 0;
        if (subscriptions === 0 || subscriptions > SUBSCRIPTIONS_MAX) fail(wasi.ERRNO_INVAL);
        memory.check(out, subscriptions * EVENT_BYTES);
        memory.check(countOut, 4);
        const { size } = dialect.subscription;
        const from = memory.check(pointer, subscriptions * size);
        const waits = Array.from({ length: subscriptions }, (_, index) =>
          readSubscription(process, dialect, from + index * size),
        );
        const done = (events: readonly PollEvent[]) => {
          for (const [index, event] of events.entries()) {
            writeEvent(memory, (out >>> 0) + index * EVENT_BYTES, event);
          }
          memory.setU32(countOut, events.length);
        };
        const events = poll(process, waits);
        if (!(events instanceof Promise)) return done(events);
        return process.wait(events).then(done);
      },
    },
  };
}

function readSubscription(process: WasiProcess, dialect: Dialect, at: number): Wait {
  const { memory } = process;
  const userdata = memory.u64(at);
  const eventtype = memory.u8(at + 8);
  if (eventtype === wasi.EVENTTYPE_FD_READ || eventtype === wasi.EVENTTYPE_FD_WRITE) {
    return { kind: "descriptor", userdata, eventtype, fd: memory.u32(at + 16) };
  }
  if (eventtype !== wasi.EVENTTYPE_CLOCK) fail(wasi.ERRNO_INVAL);
  const clock = at + dialect.subscription.clock;
  const timeout = memory.u64(clock + 8);
  const absolute = memory.u16(clock + 24) & wasi.SUBCLOCKFLAGS_SUBSCRIPTION_CLOCK_ABSTIME;
  try {
    const now = readClock(process, memory.u32(clock));
    return { kind: "clock", userdata, left: absolute ? timeout - now : timeout };
  } catch (error) {
    if (!(error instanceof WasiError)) throw error;
    return { kind: "refused", userdata, eventtype, errno: error.errno };
  }
}

function poll(process: WasiProcess, waits: readonly Wait[]): PollEvent[] | Promise<PollEvent[]> {
  const ready: PollEvent[] = [];
  const later: Promise<PollEvent>[] = [];
  let shortest: ClockWait | undefined;
  for (const wait of waits) {
    if (wait.kind === "refused") ready.push(wait);
    else if (wait.kind === "clock") {
      if (wait.left <= 0n) ready.push(clockEvent(wait));
      else if (!shortest || wait.left < shortest.left) shortest = wait;
    } else {
      const event = askDescriptor(process, wait);
      if (event instanceof Promise) later.push(event);
      else ready.push(event);
    }
  }
  if (ready.length > 0) return ready;
  if (!shortest) return Promise.race(later).then((event) => [event]);
  const event = clockEvent(shortest);
  const milliseconds = Number(shortest.left) / 1e6;
  if (later.length === 0) return process.sleep(milliseconds).then(() => [event]);
  return waitForEither(process, { event, milliseconds }, later);
}

async function waitForEither(
  process: WasiProcess,
  clock: { readonly event: PollEvent; readonly milliseconds: number },
  later: readonly Promise<PollEvent>[],
): Promise<PollEvent[]> {
  await process.options.stdout.sync();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const expired = new Promise<PollEvent>((resolve) => {
    const delay = Math.min(Math.ceil(clock.milliseconds), TIMER_MS_MAX);
    timer = setTimeout(resolve, delay, clock.event);
  });
  try {
    const event = await Promise.race([...later, expired]);
    // A timer of ours can be taken back, but the host must learn that the guest goes on.
    if (event === clock.event) await process.options.sleep?.(0);
    return [event];
  } finally {
    clearTimeout(timer);
  }
}

function clockEvent(wait: ClockWait): PollEvent {
  return { userdata: wait.userdata, eventtype: wasi.EVENTTYPE_CLOCK, errno: wasi.ERRNO_SUCCESS };
}

function askDescriptor(process: WasiProcess, wait: DescriptorWait): PollEvent | Promise<PollEvent> {
  const { userdata, eventtype } = wait;
  const event = (readiness: Readiness): PollEvent => ({
    userdata,
    eventtype,
    errno: wasi.ERRNO_SUCCESS,
    readiness,
  });
  const failed = (error: unknown): PollEvent => {
    if (!(error instanceof WasiError)) throw error;
    return { userdata, eventtype, errno: error.errno };
  };
  try {
    const descriptor = process.descriptors.with(wait.fd, wasi.RIGHTS_POLL_FD_READWRITE);
    if (eventtype === wasi.EVENTTYPE_FD_WRITE) return event(1);
    const readiness = descriptor.readable();
    return readiness instanceof Promise ? readiness.then(event, failed) : event(readiness);
  } catch (error) {
    return failed(error);
  }
}

function writeEvent(memory: GuestMemory, at: number, event: PollEvent): void {
  memory.bytes.fill(0, at, at + EVENT_BYTES);
  memory.setU64(at, event.userdata);
  memory.setU16(at + 8, event.errno);
  memory.setU8(at + 10, event.eventtype);
  const { readiness } = event;
  if (readiness === "end") memory.setU16(at + 24, wasi.EVENTRWFLAGS_FD_READWRITE_HANGUP);
  else if (readiness !== undefined) memory.setU64(at + 16, BigInt(readiness));
}
