import { html, type nothing, svg, type TemplateResult } from "lit";

const WIDTH = 100;
const HEIGHT = 24;

/** A line without axes, as wide as its place. */
export function sparkline(
  points: readonly number[],
  colour: string,
): TemplateResult | typeof nothing {
  if (points.length < 2) return html`<div class="sparkline"></div>`;
  const most = Math.max(...points);
  const least = Math.min(0, ...points);
  const span = most - least || 1;
  const path = points
    .map((value, index) => {
      const x = (index / (points.length - 1)) * WIDTH;
      const y = HEIGHT - 1 - ((value - least) / span) * (HEIGHT - 2);
      return `${index === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`;
    })
    .join("");
  return html`<svg
    class="sparkline stroke-${colour}"
    viewBox="0 0 ${WIDTH} ${HEIGHT}"
    preserveAspectRatio="none"
    aria-hidden="true"
  >
    ${svg`<path d=${path} fill="none" vector-effect="non-scaling-stroke"></path>`}
  </svg>`;
}
