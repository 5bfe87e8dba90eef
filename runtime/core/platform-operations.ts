import { MocError } from "../protocol/errors.ts";
import type { CallRunner } from "./call.ts";
import { type Archive, adminOperations } from "./operations/admin.ts";
import { callOperations } from "./operations/call.ts";
import { type Debugging, debugOperations } from "./operations/debug.ts";
import { type ObserveParts, observeOperations } from "./operations/observe.ts";
import {
  Arguments,
  type OperationAnswer,
  type OperationBody,
  type Operations,
} from "./operations/operation.ts";
import { type RegistryParts, registryOperations } from "./operations/registry.ts";
import { storeOperations } from "./operations/store.ts";

interface PlatformOperationsParts extends RegistryParts, ObserveParts {
  readonly runner: CallRunner;
  readonly archive: Archive;
  readonly debugging: Debugging;
}

/**
 * What the guest API module `platform` can carry out: one operation for each call of the REST API,
 * under its name, whose argument holds the call's path parameters, query and body fields together
 * and whose JSON is the call's answer. Bytes of a body come beside the argument, with
 *
 * - `registerBlob`, `putBlob`: field `content_type`
 * - `kvPut`, `kvDelete`: optional fields `if_match`, `if_none_match`
 * - `callFunction`: the body is the input
 *
 * `kvInfo` and `headBlob` tell what the headers of `kvGet` and `getBlob` should say. `openapi` is
 * not among them: it needs nothing of the platform.
 */
export class PlatformOperations {
  readonly #operations: Operations;

  constructor(parts: PlatformOperationsParts) {
    this.#operations = {
      ...registryOperations(parts),
      ...storeOperations(parts.state.kv),
      ...observeOperations(parts),
      ...callOperations(parts.runner),
      ...adminOperations(parts.archive, parts.state.unused, parts.facts),
      ...debugOperations(parts.debugging),
    };
  }

  /** Names of all operations. */
  get names(): readonly string[] {
    return Object.keys(this.#operations);
  }

  /**
   * @throws MOC_BAD_REQUEST naming the operation or the field, and what the operation throws
   */
  async run(name: string, argument: unknown, body?: OperationBody): Promise<OperationAnswer> {
    const operation = Object.hasOwn(this.#operations, name) ? this.#operations[name] : undefined;
    if (!operation) {
      throw new MocError("MOC_BAD_REQUEST", `there is no platform operation '${name}'`);
    }
    return operation(new Arguments(argument), body);
  }
}
