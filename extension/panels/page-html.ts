import { randomBytes } from "node:crypto";

interface PageOptions {
  readonly title: string;
  readonly language: string;
  /** The webview's own source for styles, images and fonts. */
  readonly cspSource: string;
  readonly styles: readonly string[];
  readonly scripts: readonly string[];
  /** HTML of the body before the scripts; ours, never data. */
  readonly body: string;
}

/** A webview's page: nothing is allowed but our own script by nonce, our own styles and images. */
export function pageHtml(options: PageOptions): string {
  const nonce = randomBytes(16).toString("base64url");
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${options.cspSource}`,
    `font-src ${options.cspSource}`,
    `img-src ${options.cspSource} data: blob:`,
    "form-action 'none'",
    "base-uri 'none'",
  ].join("; ");
  const text = (value: string): string =>
    value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
  return `<!DOCTYPE html>
<html lang="${text(options.language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${text(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(options.title)}</title>
${options.styles.map((style) => `<link rel="stylesheet" href="${text(style)}">`).join("\n")}
</head>
<body>
${options.body}
${options.scripts.map((script) => `<script type="module" nonce="${nonce}" src="${text(script)}"></script>`).join("\n")}
</body>
</html>`;
}
