import { html, type TemplateResult } from "lit";
import { MocError } from "../../runtime/protocol/errors.ts";
import { formatBytes } from "../format.ts";
import { button, progressRing } from "../toolkit.ts";
import type { App, View } from "../view.ts";

/** Everything as one file, and everything back from one. */
export class Backup implements View {
  readonly #app: App;
  #busy = "";
  #done = "";

  constructor(app: App) {
    this.#app = app;
  }

  enter(): void {
    this.#done = "";
  }

  render(): TemplateResult {
    const disabled = this.#busy !== "";
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
        ${button("Choose an archive…", { disabled, secondary: true, onClick: () => this.#choose() })}
      </section>
      <div aria-live="polite" aria-busy=${disabled ? "true" : "false"}>
        ${disabled ? html`<div class="state">${progressRing()} ${this.#busy}</div>` : this.#done}
      </div>`;
  }

  #export(): Promise<void> {
    return this.#run("Exporting…", async () => {
      const { bytes } = await this.#app.transport.bytes("backup", {}, (received) => {
        this.#busy = `Exporting… ${formatBytes(received)}`;
        this.#app.invalidate();
      });
      const day = new Date().toISOString().slice(0, 10);
      this.#app.transport.save(`my-own-cluster-${day}.tar.gz`, "application/gzip", bytes);
      return `Exported ${formatBytes(bytes.length)}.`;
    });
  }

  #choose(): void {
    const input = document.createElement("input");
    input.type = "file";
    input.accept = ".gz,.tgz,application/gzip";
    input.addEventListener("change", () => {
      const [file] = input.files ?? [];
      if (file) void this.#restore(file);
    });
    input.click();
  }

  async #restore(file: File): Promise<void> {
    const sure = await this.#app.confirm(
      `Replace everything by '${file.name}'? What is here now is lost, unless you export it first.`,
      "Replace everything",
    );
    if (!sure) return;
    await this.#run(`Restoring ${formatBytes(file.size)}…`, async () => {
      const body = new Uint8Array(await file.arrayBuffer());
      const { entries } = await this.#app.transport.call("restore", { body });
      return `Restored ${entries} entries.`;
    });
  }

  async #run(busy: string, work: () => Promise<string>): Promise<void> {
    this.#busy = busy;
    this.#app.invalidate();
    try {
      this.#done = await work();
    } catch (thrown) {
      this.#done = "";
      this.#app.tell(MocError.from(thrown).message, "err");
    }
    this.#busy = "";
    this.#app.invalidate();
  }
}
