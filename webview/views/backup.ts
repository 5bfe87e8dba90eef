import { html, nothing, type TemplateResult } from "lit";
import { MocError } from "../../runtime/protocol/errors.ts";
import { formatBytes, formatCount } from "../format.ts";
import { button, progressRing } from "../toolkit.ts";
import type { Archive, Progress } from "../transport/transport.ts";
import type { App, View } from "../view.ts";

interface Busy {
  readonly what: string;
  /** In bytes. */
  readonly done: number;
  readonly total?: number;
}

/** Everything as one file, and everything back from one. */
export class Backup implements View {
  readonly #app: App;
  #busy: Busy | undefined;
  /** How the last of them ended. */
  #done = "";
  #failed = false;

  constructor(app: App) {
    this.#app = app;
  }

  enter(): void {
    this.#done = "";
  }

  render(): TemplateResult {
    const disabled = this.#busy !== undefined;
    return html`<h1>Backup</h1>
      <section class="box">
        <h2>Export everything</h2>
        <p>
          Blobs, names with their history, plugs, filters and the key-value store as one tar.gz, from a
          snapshot: the runtime goes on meanwhile.
        </p>
        ${button("Export", { disabled, onClick: () => void this.#export() })}
      </section>
      <section class="box">
        <h2>Restore</h2>
        <p>
          The archive is checked whole before anything changes. Then it replaces everything that is here
          now.
        </p>
        ${button("Choose an archive…", {
          disabled,
          secondary: true,
          onClick: () => void this.#restore(),
        })}
      </section>
      ${this.#busy ? progressOf(this.#busy) : nothing}
      <div aria-live="polite" class=${this.#failed ? "err" : ""}>${this.#done}</div>`;
  }

  #export(): Promise<void> {
    return this.#run("Exporting", async (progress) => {
      const day = new Date().toISOString().slice(0, 10);
      const name = `my-own-cluster-${day}.tar.gz`;
      const bytes = await this.#app.transport.exportBackup(name, progress);
      return bytes === undefined ? "" : `Exported ${formatBytes(bytes)}.`;
    });
  }

  async #restore(): Promise<void> {
    const archive = await this.#choose();
    if (!archive) return;
    const sure = await this.#app.confirm(
      `Replace everything by '${archive.name}' (${formatBytes(archive.size)})? What is here now is lost, unless you export it first.`,
      "Replace everything",
    );
    if (!sure) return;
    await this.#run("Restoring", async (progress) => {
      const entries = await archive.restore(progress);
      return `Restored ${formatCount(entries)} entries.`;
    });
  }

  async #choose(): Promise<Archive | undefined> {
    try {
      return await this.#app.transport.chooseArchive();
    } catch (thrown) {
      this.#end(MocError.from(thrown).message, true);
      return undefined;
    }
  }

  async #run(what: string, work: (progress: Progress) => Promise<string>): Promise<void> {
    this.#done = "";
    this.#busy = { what, done: 0 };
    this.#app.invalidate();
    try {
      const done = await work((bytes, total) => {
        this.#busy = { what, done: bytes, ...(total !== undefined && { total }) };
        this.#app.invalidate();
      });
      this.#end(done, false);
    } catch (thrown) {
      const { code, message } = MocError.from(thrown);
      this.#end(`${what} failed. ${code}: ${message}`, true);
    }
  }

  #end(text: string, failed: boolean): void {
    this.#busy = undefined;
    this.#done = text;
    this.#failed = failed;
    this.#app.invalidate();
  }
}

/** With the share that is done where the whole is known; the checking after it takes its time too. */
function progressOf({ what, done, total }: Busy): TemplateResult {
  if (total === undefined) {
    return html`<div class="state">${progressRing()} ${what}… ${formatBytes(done)}</div>`;
  }
  const percent = total === 0 ? 100 : Math.floor((100 * done) / total);
  return html`<div class="state">
    ${what}… <progress max="100" .value=${percent} aria-label=${what}></progress>
    <span class="num">${percent} %</span>
    <span class="dim">
      ${done < total ? `${formatBytes(done)} of ${formatBytes(total)}` : "all of it is there; it is being written"}
    </span>
  </div>`;
}
