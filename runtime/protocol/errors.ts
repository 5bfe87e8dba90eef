/** Whose fault an error is: the caller's, the guest code's, or the platform's. */
type Fault = "user" | "guest" | "system";

interface ErrorKind {
  readonly fault: Fault;
  /** http status the front answers with. */
  readonly status: number;
  /** What a user should understand when meeting the code. */
  readonly meaning: string;
}

const kind = (fault: Fault, status: number, meaning: string): ErrorKind => ({
  fault,
  status,
  meaning,
});

/**
 * Every error the platform can report: the table is the documentation, and each code is stable.
 * Towards a wasm guest every failure of a guest API call is the value {@link GUEST_FAILURE}.
 */
export const ERRORS = {
  MOC_BAD_REQUEST: kind("user", 400, "A request or an argument does not have the described form."),
  MOC_UNAUTHORIZED: kind("user", 401, "The admin token is missing or wrong."),
  MOC_FORBIDDEN: kind(
    "user",
    403,
    "The Host, the Origin or a missing capability forbids the call.",
  ),
  MOC_NOT_FOUND: kind("user", 404, "Nothing has this name, path, id or key."),
  MOC_METHOD: kind("user", 405, "The path is plugged for other methods only."),
  MOC_CONFLICT: kind(
    "user",
    409,
    "The object changed since it was read, or something else is there.",
  ),
  MOC_TOO_LARGE: kind(
    "user",
    413,
    "A body, header block, key, value or archive is over its limit.",
  ),
  MOC_TOO_MANY: kind("user", 429, "Too many calls wait for this function already."),
  MOC_MANIFEST: kind("user", 400, "A moc.json, sample or template is not valid."),
  MOC_NAME_INVALID: kind("user", 400, "The name is not valid for a function, blob, plug or file."),
  MOC_TOOLCHAIN_MISSING: kind("user", 424, "The compiler for this language is not installed."),
  MOC_BUILD_FAILED: kind("user", 422, "The compiler refused the source."),
  MOC_CANCELLED: kind("user", 499, "The caller gave up before the answer."),
  MOC_DATA_LOCKED: kind("user", 423, "The data folder belongs to a running instance."),
  MOC_DATA_UNUSABLE: kind("user", 500, "The data folder cannot be read or written."),
  MOC_DATA_CORRUPT: kind("system", 500, "The database cannot be opened; nothing was changed."),
  MOC_PLATFORM: kind("user", 500, "Something is missing that the runtime needs of this system."),
  MOC_PORT_IN_USE: kind("user", 500, "Another program listens on the port."),
  MOC_UNREACHABLE: kind("user", 503, "No runtime answers at the address."),
  MOC_ARCHIVE: kind("user", 400, "A backup archive is damaged or not acceptable."),
  MOC_GUEST_ERROR: kind("guest", 500, "The guest threw an error that it did not catch."),
  MOC_GUEST_TRAP: kind("guest", 500, "The guest executed an illegal WebAssembly operation."),
  MOC_GUEST_EXIT: kind("guest", 500, "The guest program ended with a non-zero exit code."),
  MOC_GUEST_INVALID: kind("guest", 422, "The module, script or shader cannot be loaded."),
  MOC_GUEST_LINK: kind("guest", 422, "An import of the module cannot be satisfied."),
  MOC_GUEST_NO_START: kind("guest", 422, "The start function is not exported by the guest."),
  MOC_LIMIT_TIME: kind("guest", 504, "The call took longer than its wall time limit."),
  MOC_LIMIT_CPU: kind("guest", 504, "The guest computed longer without a pause than its limit."),
  MOC_LIMIT_MEMORY: kind("guest", 507, "The guest needs more memory than its limit."),
  MOC_GUESTS_MEMORY: kind("system", 503, "All functions together hold as much memory as they may."),
  MOC_LIMIT_STACK: kind("guest", 500, "The guest recursed deeper than its stack allows."),
  MOC_LIMIT_DEPTH: kind("guest", 508, "Functions call each other deeper than the limit."),
  MOC_LIMIT_CALLS: kind("guest", 429, "The call made more calls to functions than its limit."),
  MOC_LIMIT_BUFFERS: kind(
    "guest",
    429,
    "The call holds more exchange buffers open than its limit.",
  ),
  MOC_LIMIT_RESPONSE: kind("guest", 507, "The answer is larger than its limit."),
  MOC_BUFFER_UNKNOWN: kind("guest", 400, "The exchange buffer id was not given to this call."),
  MOC_CAPABILITY: kind("guest", 403, "The function was deployed without the capability it needs."),
  MOC_OUTBOUND_DENIED: kind("guest", 403, "The outbound policy does not allow this address."),
  MOC_OUTBOUND_FAILED: kind("guest", 502, "The outgoing request failed."),
  MOC_EXECUTOR_LOST: kind("system", 503, "The executor of the call ended before the call did."),
  MOC_GPU_UNAVAILABLE: kind("system", 503, "No usable GPU adapter, or the GPU host cannot start."),
  MOC_GPU_LOST: kind("system", 503, "The GPU host or device was lost during the call."),
  MOC_SHADER_INVALID: kind("guest", 422, "The shader does not compile."),
  MOC_SHADER_BINDING: kind("guest", 400, "A shader binding is missing, of the wrong size or kind."),
  MOC_STOPPING: kind("system", 503, "The runtime is stopping."),
  MOC_INTERNAL: kind("system", 500, "A defect of the platform; please report it."),
} as const;

/** Name of an error in {@link ERRORS}; part of the public surface, never renamed. */
export type ErrorCode = keyof typeof ERRORS;

/** Value that a wasm guest receives when a guest API call failed (original's convention). */
export const GUEST_FAILURE = 0xffff;

/** Where in a user's file an error stands; lines and columns count from 1. */
export interface SourcePosition {
  readonly file: string;
  readonly line: number;
  readonly column?: number;
}

/** An error as it travels between threads and over http. */
export interface ErrorJson {
  readonly code: ErrorCode;
  readonly message: string;
  readonly position?: SourcePosition;
  readonly stack?: string;
}

interface MocErrorOptions {
  readonly cause?: unknown;
  readonly position?: SourcePosition | undefined;
  /** The guest's own stack, already mapped to its source; never the host's. */
  readonly guestStack?: string | undefined;
}

/** The one error class of the project. The message says what happened, where, and what to do. */
export class MocError extends Error {
  readonly code: ErrorCode;
  readonly position: SourcePosition | undefined;
  readonly guestStack: string | undefined;

  constructor(code: ErrorCode, message: string, options: MocErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "MocError";
    this.code = code;
    this.position = options.position;
    this.guestStack = options.guestStack;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }

  get fault(): Fault {
    return ERRORS[this.code].fault;
  }

  toJSON(): ErrorJson {
    return {
      code: this.code,
      message: this.message,
      ...(this.position && { position: this.position }),
      ...(this.guestStack && { stack: this.guestStack }),
    };
  }

  static fromJSON(json: ErrorJson): MocError {
    const code = json.code in ERRORS ? json.code : "MOC_INTERNAL";
    return new MocError(code, json.message, { position: json.position, guestStack: json.stack });
  }

  /** The error itself when it is ours, else an internal one that carries it as cause. */
  static from(error: unknown): MocError {
    if (error instanceof MocError) return error;
    const message = error instanceof Error ? error.message : String(error);
    return new MocError("MOC_INTERNAL", message, { cause: error });
  }
}
