import { MocError } from "../protocol/errors.ts";

/** The two halves of a request target, decided once: plugs and the admin guard see the same. */
export interface RequestTarget {
  /**
   * Starts with a slash. Percent-encoded where it must be and nowhere else (RFC 3986, 6.2.2), so
   * that one resource has one path; `%2F` stays encoded and is never a separator.
   */
  readonly path: string;
  /** Without the question mark, as it came. */
  readonly query: string;
}

const NEEDS_WORK = /[%\u0080-\uffff]|\/\./;
const DOT_SEGMENT = /\/\.{1,2}(?:\/|$)/;
const UNRESERVED = /[A-Za-z0-9\-._~]/;

/**
 * @param url the request target as it came: origin form, absolute form (as for a proxy), or `*`
 * @param host the Host header, which an absolute form must agree with
 * @throws MOC_BAD_REQUEST
 * @see RFC 9112 section 3.2
 */
export function parseTarget(url: string, host: string): RequestTarget {
  const target = url.charCodeAt(0) === 0x2f ? url : originForm(url, host);
  const mark = target.indexOf("?");
  const path = mark < 0 ? target : target.slice(0, mark);
  return {
    path: NEEDS_WORK.test(path) ? canonicalPath(path) : path,
    query: mark < 0 ? "" : target.slice(mark + 1),
  };
}

/** A part of a URL with its escapes decoded; as it is where they are not UTF-8. */
export function decodeEscapes(text: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function originForm(url: string, host: string): string {
  const parts = /^https?:\/\/([^/?#]*)(.*)$/i.exec(url);
  if (!parts) throw bad(`The request target "${shorten(url)}" is not a path or an http(s) url.`);
  const [, authority = "", rest = ""] = parts;
  if (authority.toLowerCase() !== host.toLowerCase()) {
    throw bad(`The request target names "${authority}" but the Host header "${host}".`);
  }
  return rest.startsWith("/") ? rest : `/${rest}`;
}

function canonicalPath(raw: string): string {
  const path = raw
    .replace(/[\u0080-\u00ff]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/%([0-9a-fA-F]{2})?/g, (escaped, hex: string | undefined) => {
      if (hex === undefined) throw bad(`The path "${shorten(raw)}" has a % that escapes nothing.`);
      const char = String.fromCharCode(Number.parseInt(hex, 16));
      return UNRESERVED.test(char) ? char : escaped.toUpperCase();
    });
  if (DOT_SEGMENT.test(path)) {
    throw bad(`The path "${shorten(raw)}" has "." or ".." segments; send it without them.`);
  }
  return path;
}

function bad(message: string): MocError {
  return new MocError("MOC_BAD_REQUEST", message);
}

function shorten(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
