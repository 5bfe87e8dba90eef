import { type Disposable, EventEmitter, workspace } from "vscode";

/** Tells when sample files come, change or go. */
export class SampleWatch implements Disposable {
  readonly #changed = new EventEmitter<void>();
  readonly onChange = this.#changed.event;
  readonly #disposables: readonly Disposable[];

  constructor() {
    const watcher = workspace.createFileSystemWatcher("**/samples/*.json");
    const renew = (): void => this.#changed.fire();
    this.#disposables = [
      this.#changed,
      watcher,
      watcher.onDidChange(renew),
      watcher.onDidCreate(renew),
      watcher.onDidDelete(renew),
    ];
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }
}
