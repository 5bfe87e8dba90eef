import type { Translate } from "./features.ts";

/** Type of our debug configurations; it resolves to one of VS Code's JavaScript debugger. */
export const DEBUG_TYPE = "my-own-cluster";

/** Languages in whose files F5 offers us; others name the function in launch.json. */
const LANGUAGES = ["c", "rust", "go", "wat"];

/** `contributes.debuggers`. */
export function debuggers(say: Translate): object[] {
  const label = say("debug.label", "My Own Cluster: Function");
  const properties = {
    function: {
      type: "string",
      description: say("debug.function", "Name of the function; default: that of the active file."),
    },
    sample: {
      type: "string",
      description: say(
        "debug.sample",
        "Sample input to invoke it with, such as samples/first.json; default: the request as it was last.",
      ),
    },
    invoke: {
      type: "boolean",
      default: true,
      description: say("debug.invoke", "Whether to invoke the function once breakpoints are set."),
    },
  };
  return [
    {
      type: DEBUG_TYPE,
      label,
      languages: LANGUAGES,
      configurationAttributes: { launch: { properties } },
      configurationSnippets: [
        {
          label,
          description: say("debug.snippet", "Debug a function that compiles to WebAssembly."),
          body: {
            type: DEBUG_TYPE,
            request: "launch",
            name: "Debug $1",
            function: "$1",
          },
        },
      ],
      when: "isWorkspaceTrusted",
    },
  ];
}
