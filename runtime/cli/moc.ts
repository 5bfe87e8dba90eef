#!/usr/bin/env node
/**
 * What `moc` starts where it is installed: says which Node.js it needs before anything is loaded that
 * an older one cannot read.
 */
const NEEDED = 24;

if (Number.parseInt(process.versions.node, 10) >= NEEDED) await import("./main.ts");
else {
  process.stderr.write(
    `error: moc needs Node.js ${NEEDED} or newer, and this is ${process.versions.node} (${process.execPath}). Install it from https://nodejs.org; in a checkout, "npm run -s moc --" brings its own.\n`,
  );
  process.exitCode = 1;
}
