import { MocError } from "../protocol/errors.ts";

/** What LevelDB said when it opened a database, as an error that says what to do. */
export function openError(location: string, error: unknown): MocError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = (cause as { code?: unknown }).code;
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (code === "LEVEL_LOCKED") {
    return new MocError(
      "MOC_DATA_LOCKED",
      `database ${location} is open in another process; stop it, or choose another folder with --data`,
      { cause },
    );
  }
  // A file that the database itself names is missing, or shorter than it says.
  const lacking = code === "LEVEL_IO_ERROR" && /No such file|Invalid argument/.test(reason);
  if (code === "LEVEL_CORRUPTION" || lacking) return corrupt(location, reason, cause);
  return new MocError(
    "MOC_DATA_UNUSABLE",
    `database ${location} cannot be opened: ${reason}; check its disk, the room there and the rights`,
    { cause },
  );
}

/** The error of a database that cannot be trusted; nothing was written to it. */
export function corrupt(location: string, reason: string, cause?: unknown): MocError {
  return new MocError(
    "MOC_DATA_CORRUPT",
    `database ${location} is damaged (${reason}); nothing was changed. Move the folder away and restore a backup into a new one`,
    { cause },
  );
}

/** A failed read: damage and bad disks get a name, everything else stays what it is. */
export function readError(location: string, error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  // Synchronous reads say it in LevelDB's own words only, without a code.
  const { code } = error as NodeJS.ErrnoException;
  if (code === "LEVEL_DATABASE_NOT_OPEN") return closed(error);
  const damage = code === "LEVEL_CORRUPTION" || code === "LEVEL_IO_ERROR";
  if (!damage && !/^(Corruption|IO error):/.test(error.message)) return error;
  return corrupt(location, error.message, error);
}

/** A failed write: the disk is full or broken; LevelDB takes no more writes then. */
export function writeError(location: string, error: unknown): MocError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "LEVEL_DATABASE_NOT_OPEN") return closed(error);
  return new MocError(
    "MOC_DATA_UNUSABLE",
    `database ${location} could not be written: ${message}; check its disk and the room there, then restart the runtime`,
    { cause: error },
  );
}

function closed(error: unknown): MocError {
  return new MocError("MOC_STOPPING", "the store is closed: the runtime stops", { cause: error });
}
