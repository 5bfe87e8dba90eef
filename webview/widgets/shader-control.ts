import { html, type TemplateResult } from "lit";
import { fromHexColour, type ShaderControl, toHexColour } from "../shader-declaration.ts";

/** A parameter of a shader: a slider with its number, a colour, or text. */
export function shaderControl(control: ShaderControl, changed: () => void): TemplateResult {
  const set = (apply: (text: string) => void) => (event: Event) => {
    apply((event.target as HTMLInputElement).value);
    changed();
  };
  const { name, description } = control;
  switch (control.kind) {
    case "number": {
      const change = set((text) => {
        control.value = Number(text);
      });
      return html`<div class="control" title=${description}>
        <label class="dim" for="slider-${name}">${name}</label>
        <input
          type="range"
          id="slider-${name}"
          min=${control.min}
          max=${control.max}
          step=${control.step}
          .value=${String(control.value)}
          @input=${change}
        />
        <input
          type="number"
          aria-label="${name} as a number"
          step="any"
          .value=${String(control.value)}
          @change=${change}
        />
      </div>`;
    }
    case "color":
      return html`<div class="control" title=${description}>
        <label class="dim" for="colour-${name}">${name}</label>
        <input
          type="color"
          id="colour-${name}"
          .value=${toHexColour(control.value)}
          @input=${set((text) => {
            control.value = fromHexColour(text, control.value);
          })}
        />
        <span class="mono dim">${control.value.join(" ")}</span>
      </div>`;
    case "text":
      return html`<div class="control" title=${description}>
        <label class="dim" for="text-${name}">${name}</label>
        <input
          type="text"
          id="text-${name}"
          .value=${control.value}
          @change=${set((text) => {
            control.value = text;
          })}
        />
      </div>`;
    default:
      return control satisfies never;
  }
}
