import {
  type Disposable,
  type QuickInput,
  QuickInputButtons,
  type QuickPickItem,
  window,
} from "vscode";

/** What a step of a wizard came to. */
type StepResult<T> =
  | { readonly kind: "value"; readonly value: T }
  | { readonly kind: "back" }
  | { readonly kind: "cancelled" };

interface StepOptions {
  readonly title: string;
  readonly step: number;
  readonly totalSteps: number;
}

/** A step that chooses from a list. */
export async function pickStep<T extends QuickPickItem>(
  options: StepOptions & { readonly placeholder: string; readonly items: readonly T[] },
): Promise<StepResult<T>> {
  const input = window.createQuickPick<T>();
  input.items = options.items;
  input.placeholder = options.placeholder;
  input.matchOnDescription = true;
  input.matchOnDetail = true;
  return run(input, options, (done) => {
    return input.onDidAccept(() => {
      const [value] = input.selectedItems;
      if (value) done({ kind: "value", value });
    });
  });
}

/** A step that asks for a line of text, checked while it is typed. */
export async function textStep(
  options: StepOptions & {
    readonly prompt: string;
    readonly value: string;
    readonly validate: (value: string) => Promise<string | undefined> | string | undefined;
  },
): Promise<StepResult<string>> {
  const input = window.createInputBox();
  input.prompt = options.prompt;
  input.value = options.value;
  let checks = 0;
  const check = async (): Promise<string | undefined> => {
    const mine = ++checks;
    const problem = await options.validate(input.value);
    if (mine === checks) input.validationMessage = problem;
    return problem;
  };
  const changes = input.onDidChangeValue(check);
  void check();
  // Who accepts and opens something else at once has accepted.
  let accepted = Promise.resolve();
  try {
    return await run(
      input,
      options,
      (done) =>
        input.onDidAccept(() => {
          accepted = check().then((problem) => {
            if (problem === undefined) done({ kind: "value", value: input.value });
          });
        }),
      () => accepted,
    );
  } finally {
    changes.dispose();
  }
}

interface Steppable extends QuickInput {
  buttons: readonly (typeof QuickInputButtons.Back)[];
  onDidTriggerButton(run: (button: typeof QuickInputButtons.Back) => void): Disposable;
}

async function run<T>(
  input: QuickInput & Pick<Steppable, "onDidTriggerButton" | "buttons">,
  { title, step, totalSteps }: StepOptions,
  accept: (done: (result: StepResult<T>) => void) => Disposable,
  accepted: () => Promise<void> = () => Promise.resolve(),
): Promise<StepResult<T>> {
  input.title = title;
  input.step = step;
  input.totalSteps = totalSteps;
  input.ignoreFocusOut = true;
  input.buttons = step > 1 ? [QuickInputButtons.Back] : [];
  const { promise, resolve } = Promise.withResolvers<StepResult<T>>();
  const listeners = [
    accept(resolve),
    input.onDidTriggerButton(() => resolve({ kind: "back" })),
    input.onDidHide(() => accepted().then(() => resolve({ kind: "cancelled" }))),
  ];
  input.show();
  const result = await promise;
  for (const listener of listeners) listener.dispose();
  input.dispose();
  return result;
}

/** How a step went on; `again` asks the same once more. */
export type StepEnd = "next" | "back" | "again" | "cancelled";

/**
 * Runs steps in order; a step that answers `back` returns to the one before.
 * @param steps the steps as the answers so far make them
 * @returns false when the user gave up
 */
export async function runSteps(steps: () => readonly (() => Promise<StepEnd>)[]): Promise<boolean> {
  for (let at = 0; ; ) {
    const step = steps()[at];
    if (!step) return true;
    const went = await step();
    if (went === "cancelled") return false;
    if (went === "next") at++;
    if (went === "back") at = Math.max(at - 1, 0);
  }
}
