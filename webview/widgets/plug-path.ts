import { html, type TemplateResult } from "lit";
import type { Plug } from "../../runtime/protocol/model.ts";
import { isSystemPlug } from "../../runtime/protocol/system-plug.ts";
import type { App } from "../view.ts";

const OPENED_BY_LINK: ReadonlySet<string> = new Set(["get", "any"]);
/** What a link takes as it is, and stays on this host with; `//name` would be another host. */
const PLAIN = /^\/(?:[\w.~@:+,=-][\w.~@:+,=/-]*)?$/;

/** A plug's path: a link where a browser that opens it asks for just that. */
export function plugPath({ transport, status }: App, plug: Plug): TemplateResult {
  const { path } = plug;
  const origin = transport.editor ? status?.url : "";
  if (origin === undefined || !isPage(plug)) return html`${path}`;
  return html`<a href="${origin}${path}" target="_blank" rel="noopener noreferrer">${path}</a>`;
}

/** The platform's own want the token of the dashboard's page, and a pattern is no path. */
function isPage(plug: Plug): boolean {
  if (plug.host !== "" || isSystemPlug(plug)) return false;
  return OPENED_BY_LINK.has(plug.method) && PLAIN.test(plug.path);
}
