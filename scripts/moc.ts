/** `npm run -s moc -- VERB …`: the command line from a checkout, without a build step. */

// npm runs scripts in the root of the checkout; the command is about where it was typed.
if (process.env.INIT_CWD !== undefined) process.chdir(process.env.INIT_CWD);
await import("../runtime/cli/main.ts");
