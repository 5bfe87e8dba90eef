import { createReadStream, createWriteStream } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import { basename } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { l10n, Uri, window, workspace } from "vscode";
import type { Client } from "../../devkit/client.ts";
import { MocError } from "../../runtime/protocol/errors.ts";
import type { PanelArchive } from "../../runtime/protocol/panel.ts";

const FILTERS = { "My Own Cluster": ["tar.gz", "tgz", "gz", "json"] };

const PAUSE_MS = 100;

/** Told how many bytes have passed, and of how many where that is known. */
type Progress = (done: number, total?: number) => void;

/** Backups between the runtime and files of the user's; none is ever in memory as a whole. */
export class BackupFiles {
  #chosen: Uri | undefined;

  /**
   * Asks for a file and writes everything into it.
   * @param name what is offered as its name
   * @returns bytes written; undefined when the user changed their mind
   * @throws MocError
   */
  async export(
    client: () => Promise<Client>,
    name: string,
    progress: Progress,
  ): Promise<number | undefined> {
    const [root] = workspace.workspaceFolders ?? [];
    const target = await window.showSaveDialog({
      defaultUri: root ? Uri.joinPath(root.uri, name) : Uri.file(name),
      filters: FILTERS,
    });
    if (!target) return undefined;
    let done = 0;
    const tell = seldom(progress);
    // A backup that was cut short must not pass for one, nor harm the one before.
    const half = `${target.fsPath}.part`;
    try {
      const parts = (await client()).stream("backup");
      const counted = counting(parts, (length) => {
        done += length;
        tell(done);
      });
      await pipeline(Readable.from(counted), createWriteStream(half, { mode: 0o600 }));
      await rename(half, target.fsPath);
    } catch (error) {
      throw asFileError(error, target.fsPath);
    } finally {
      await rm(half, { force: true });
    }
    return done;
  }

  /** Asks for an archive; undefined when the user changed their mind. */
  async choose(): Promise<PanelArchive | undefined> {
    const [file] = (await window.showOpenDialog({ filters: FILTERS })) ?? [];
    if (!file) return undefined;
    this.#chosen = file;
    try {
      const { size } = await stat(file.fsPath);
      return { name: basename(file.fsPath), size };
    } catch (error) {
      throw asFileError(error, file.fsPath);
    }
  }

  /**
   * Replaces everything by the archive that was chosen last.
   * @returns number of entries
   * @throws MocError
   */
  async restore(client: Client, progress: Progress): Promise<number> {
    const file = this.#chosen?.fsPath;
    if (file === undefined) throw new MocError("MOC_BAD_REQUEST", l10n.t("No archive was chosen."));
    const { size } = await stat(file).catch((error: unknown) => {
      throw asFileError(error, file);
    });
    const body = {
      length: size,
      open: () => {
        let done = 0;
        const tell = seldom(progress);
        return counting(createReadStream(file), (length) => {
          done += length;
          tell(done, size);
        });
      },
    };
    const { entries } = await client.call("restore", { body });
    return entries;
  }
}

async function* counting(
  parts: AsyncIterable<Uint8Array>,
  passed: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const part of parts) {
    yield part;
    passed(part.length);
  }
}

/** Not for each part: a message costs more than a part does. */
function seldom(progress: Progress): Progress {
  let last = 0;
  return (done, total) => {
    const now = Date.now();
    if (now - last < PAUSE_MS && done !== total) return;
    last = now;
    progress(done, total);
  };
}

function asFileError(error: unknown, file: string): MocError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof MocError || code === undefined) return MocError.from(error);
  return new MocError("MOC_BAD_REQUEST", `${file}: ${message}`, { cause: error });
}
