import { host } from "./host.ts";
import { OP } from "./ops.ts";

/** What the host says of a call, when somebody asks. */
export interface CallFacts {
  readonly headers: Readonly<Record<string, string>>;
  readonly vars: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, string>>;
  readonly plugData: string;
}

/** The facts of a call, fetched at the first look. */
export function lazyFacts(): () => CallFacts {
  let facts: CallFacts | undefined;
  return () => {
    facts ??= host(OP.REQUEST) as CallFacts;
    return facts;
  };
}
