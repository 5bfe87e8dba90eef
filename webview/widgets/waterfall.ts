import { html, type TemplateResult } from "lit";
import { styleMap } from "lit/directives/style-map.js";
import type { CallReport, CallSpan } from "../../runtime/protocol/model.ts";
import { formatMs } from "../format.ts";

const COLOURS: Readonly<Record<CallSpan["kind"], string>> = {
  queue: "dim",
  load: "c4",
  guest: "c1",
  store: "c3",
  http: "c2",
  call: "c4",
  gpu: "c2",
  filter: "warn",
};

/** What a call waited for, as bars over its time. */
export function waterfall(call: CallReport, children: readonly CallReport[]): TemplateResult {
  const total = Math.max(call.durationMs, 0.001);
  const queue: CallSpan = { name: "queue", kind: "queue", start: 0, duration: call.queueMs };
  const guest: CallSpan = {
    name: call.function,
    kind: "guest",
    start: call.queueMs,
    duration: call.durationMs - call.queueMs,
  };
  const spans = [queue, guest, ...call.spans];
  return html`<div class="waterfall" role="list">
    ${spans.map((span) => row(span, total, children))}
  </div>`;
}

function row(span: CallSpan, total: number, children: readonly CallReport[]): TemplateResult {
  const place = {
    left: `${Math.min(99.5, (100 * span.start) / total)}%`,
    width: `${Math.max(0.5, Math.min(100, (100 * span.duration) / total))}%`,
  };
  const child = span.kind === "call" && children.find((one) => one.function === span.detail);
  const label = `${span.name}${span.detail ? ` ${span.detail}` : ""}`;
  return html`<div class="span" role="listitem">
    <span class="mono ellipsis" title=${label}>
      ${child ? html`<a href="#calls/${child.id}">${label}</a>` : label}
    </span>
    <span class="track"><i class="bar bg-${COLOURS[span.kind]}" style=${styleMap(place)}></i></span>
    <span class="num dim">${formatMs(span.duration)}</span>
  </div>`;
}
