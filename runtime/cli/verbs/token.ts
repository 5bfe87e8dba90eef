import { resolveTarget } from "../../../devkit/target.ts";
import { MocError } from "../../protocol/errors.ts";
import { targetOptions } from "../target-options.ts";
import { defineVerb, TARGET_OPTIONS } from "../verb.ts";

export const verb = defineVerb({
  name: "token",
  usage: "",
  summary: "Print the admin token of the runtime, for curl and other clients.",
  examples: [
    'curl --cacert my-own-cluster-data/tls.cert.pem -H "authorization: Bearer $(moc token)" https://localhost:8443/my-own-cluster/api/status',
  ],
  operands: { min: 0, max: 0 },
  options: TARGET_OPTIONS,
  async run({ options, terminal }) {
    const { token, baseUrl } = await resolveTarget(targetOptions(options));
    if (token === undefined) {
      throw new MocError("MOC_NOT_FOUND", `No token for ${baseUrl} is known: set MOC_TOKEN.`);
    }
    terminal.line(token);
    return 0;
  },
});
