/** `npm run -s moc -- VERB …`: the command line from a checkout, without a build step. */
import "../runtime/cli/main.ts";
