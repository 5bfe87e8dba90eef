const SERVER_SOFTWARE = "my-own-cluster";

/** Names that must not come from a request: a Proxy header would set HTTP_PROXY ("httpoxy"). */
const NOT_FROM_HEADERS: ReadonlySet<string> = new Set([
  "proxy",
  "content-type",
  "content-length",
  "connection",
]);

/**
 * Environment of a WASI program, `NAME=value` each: what its deployment set, and for calls that come
 * by http the meta-variables of CGI. What the deployment set wins.
 *
 * @see https://www.rfc-editor.org/rfc/rfc3875#section-4.1
 */
export function callEnvironment(
  settings: Readonly<Record<string, string>>,
  headers: ReadonlyMap<string, string>,
  functionName: string,
): string[] {
  const variables = new Map<string, string>();
  if (headers.has("x-moc-method")) addRequest(variables, headers, functionName);
  for (const [name, value] of Object.entries(settings)) variables.set(name, value);
  return [...variables].map(([name, value]) => `${name}=${value}`);
}

function addRequest(
  variables: Map<string, string>,
  headers: ReadonlyMap<string, string>,
  functionName: string,
): void {
  const header = (name: string) => headers.get(name) ?? "";
  const [serverName, serverPort] = splitHost(header("x-moc-host") || header("host"));
  const path = header("x-moc-url-path");
  const given: Record<string, string> = {
    GATEWAY_INTERFACE: "CGI/1.1",
    SERVER_SOFTWARE,
    SERVER_PROTOCOL: header("x-moc-proto") || "HTTP/1.1",
    SERVER_NAME: serverName,
    SERVER_PORT: serverPort,
    REQUEST_METHOD: header("x-moc-method").toUpperCase(),
    REQUEST_URI: header("x-moc-request-uri") || path,
    // A plug's pattern may match anywhere in a path, so that all of it is extra path information.
    SCRIPT_NAME: "",
    SCRIPT_FILENAME: functionName,
    PATH_INFO: decodePath(path),
    QUERY_STRING: header("x-moc-url-query"),
    REMOTE_ADDR: splitAddress(header("x-moc-remote-addr")),
    CONTENT_TYPE: header("content-type"),
    CONTENT_LENGTH: header("content-length"),
  };
  for (const [name, value] of Object.entries(given)) {
    if (value !== "" || ALWAYS.has(name)) variables.set(name, value);
  }
  for (const [name, value] of headers) {
    if (NOT_FROM_HEADERS.has(name)) continue;
    variables.set(`HTTP_${name.toUpperCase().replace(/[^A-Z0-9]/g, "_")}`, value);
  }
}

const ALWAYS: ReadonlySet<string> = new Set(["QUERY_STRING", "SCRIPT_NAME", "PATH_INFO"]);

/** `host:port`, `[::1]:port` or a host alone. */
function splitHost(host: string): [string, string] {
  const match = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(host);
  return [match?.[1] ?? host, match?.[2] ?? "443"];
}

/** An address without its port. */
function splitAddress(address: string): string {
  const match = /^\[?([^\]]*?)\]?(?::\d+)?$/.exec(address);
  const isPlainV6 = (address.match(/:/g)?.length ?? 0) > 1 && !address.startsWith("[");
  return isPlainV6 ? address : (match?.[1] ?? address);
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
