import { MocError } from "../../runtime/protocol/errors.ts";

/** There is nothing that a command could be meant for: whoever shows it offers to make a function. */
export class NoFunctionError extends MocError {
  constructor(message: string) {
    super("MOC_NOT_FOUND", message);
  }
}
