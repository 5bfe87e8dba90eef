/**
 * The component library of the dashboard, registered and named in this one module. Views use the
 * `moc-…` names below through these templates; another library would be wired here and nowhere else.
 */
import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeCheckbox,
  vsCodeDropdown,
  vsCodeOption,
  vsCodeProgressRing,
  vsCodeTextArea,
  vsCodeTextField,
} from "@vscode/webview-ui-toolkit";
import { html, nothing, type TemplateResult } from "lit";

export function registerToolkit(): void {
  provideVSCodeDesignSystem().register(
    vsCodeButton(),
    vsCodeCheckbox(),
    vsCodeDropdown(),
    vsCodeOption(),
    vsCodeProgressRing(),
    vsCodeTextArea(),
    vsCodeTextField(),
  );
}

interface ButtonOptions {
  readonly onClick: () => void;
  readonly secondary?: boolean;
  readonly disabled?: boolean;
  readonly title?: string;
}

export function button(label: string, options: ButtonOptions): TemplateResult {
  return html`<vscode-button
    appearance=${options.secondary ? "secondary" : "primary"}
    ?disabled=${options.disabled ?? false}
    title=${options.title ?? nothing}
    @click=${options.onClick}
    >${label}</vscode-button
  >`;
}

interface TextFieldOptions {
  readonly label: string;
  readonly value: string;
  readonly placeholder?: string;
  /** The visible label is left out where the place says what it is; readers still hear it. */
  readonly bare?: boolean;
  readonly wide?: boolean;
  readonly onInput: (value: string) => void;
  readonly onEnter?: () => void;
}

/** The toolkit names a field after its content alone: a bare one hides it from the eyes only. */
function fieldClass({ bare, wide }: TextFieldOptions): string {
  return `${bare ? "bare" : ""} ${wide ? "wide" : ""}`;
}

export function textField(options: TextFieldOptions): TemplateResult {
  return html`<vscode-text-field
    class=${fieldClass(options)}
    placeholder=${options.placeholder ?? nothing}
    .value=${options.value}
    @input=${(event: Event) => options.onInput(inputValue(event))}
    @keydown=${(event: KeyboardEvent) => event.key === "Enter" && options.onEnter?.()}
    >${options.label}</vscode-text-field
  >`;
}

export function textArea(options: TextFieldOptions & { readonly rows?: number }): TemplateResult {
  return html`<vscode-text-area
    class=${fieldClass({ ...options, wide: true })}
    resize="vertical"
    rows=${options.rows ?? 8}
    placeholder=${options.placeholder ?? nothing}
    .value=${options.value}
    @input=${(event: Event) => options.onInput(inputValue(event))}
    >${options.label}</vscode-text-area
  >`;
}

interface ChoiceOptions {
  readonly label: string;
  readonly value: string;
  readonly choices: readonly (readonly [value: string, title: string])[];
  readonly onChange: (value: string) => void;
}

export function dropdown(options: ChoiceOptions): TemplateResult {
  return html`<vscode-dropdown
    aria-label=${options.label}
    .value=${options.value}
    @change=${(event: Event) => options.onChange(inputValue(event))}
  >
    ${options.choices.map(
      ([value, title]) =>
        html`<vscode-option value=${value} ?selected=${value === options.value}
          >${title}</vscode-option
        >`,
    )}
  </vscode-dropdown>`;
}

export function checkbox(
  label: string,
  checked: boolean,
  onChange: (checked: boolean) => void,
): TemplateResult {
  return html`<vscode-checkbox
    ?checked=${checked}
    @change=${(event: Event) => onChange((event.target as HTMLInputElement).checked)}
    >${label}</vscode-checkbox
  >`;
}

export function progressRing(): TemplateResult {
  return html`<vscode-progress-ring aria-label="Loading"></vscode-progress-ring>`;
}

function inputValue(event: Event): string {
  return (event.target as HTMLInputElement).value;
}
