import { html, type TemplateResult } from "lit";
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

interface Row extends CallSpan {
  /** The call that it stands for, if one is known. */
  readonly call?: number;
}

/** What a request passed and a call waited for, as bars over the time of both. */
export function waterfall(
  call: CallReport,
  children: readonly CallReport[],
  filters: readonly CallReport[],
): TemplateResult {
  const before = filters.reduce((sum, one) => sum + one.durationMs, 0);
  const total = Math.max(before + call.durationMs, 0.001);
  const rows = [...filterRows(filters), ...callRows(call, children, before)];
  return html`<div class="waterfall" role="list">${rows.map((one) => row(one, total))}</div>
    <div class="dim scale"><span>0</span><span>${formatMs(total)}</span></div>`;
}

function filterRows(filters: readonly CallReport[]): readonly Row[] {
  let start = 0;
  return filters.map((one) => {
    const row: Row = {
      name: "filter",
      kind: "filter",
      start,
      duration: one.durationMs,
      detail: one.function,
      call: one.id,
    };
    start += one.durationMs;
    return row;
  });
}

function callRows(
  call: CallReport,
  children: readonly CallReport[],
  offset: number,
): readonly Row[] {
  const left = [...children];
  const guest = call.durationMs - call.queueMs;
  const own: readonly Row[] = [
    { name: "queue", kind: "queue", start: 0, duration: call.queueMs },
    { name: call.function, kind: "guest", start: call.queueMs, duration: guest },
    ...call.spans,
  ];
  return own.map((span) => {
    const at = { ...span, start: span.start + offset };
    if (span.kind !== "call") return at;
    // Sub-calls are reported in the order in which they were made, as the spans are.
    const index = left.findIndex((one) => one.function === span.detail);
    const [child] = index < 0 ? [] : left.splice(index, 1);
    return child ? { ...at, call: child.id } : at;
  });
}

function row(span: Row, total: number): TemplateResult {
  const left = Math.min(99.5, (100 * span.start) / total);
  const width = Math.max(0.5, Math.min(100 - left, (100 * span.duration) / total));
  const label = `${span.name}${span.detail ? ` ${span.detail}` : ""}`;
  return html`<div class="span" role="listitem">
    <span class="mono ellipsis" title=${label}>
      ${span.call === undefined ? label : html`<a href="#calls/${span.call}">${label}</a>`}
    </span>
    <span class="track"
      ><i class="bar bg-${COLOURS[span.kind]}" .style=${`left: ${left}%; width: ${width}%`}></i
    ></span>
    <span class="num dim">${formatMs(span.duration)}</span>
  </div>`;
}
