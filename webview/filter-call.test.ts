import assert from "node:assert/strict";
import { test } from "node:test";
import type { CallReport } from "../runtime/protocol/model.ts";
import { isPassedFilter } from "./filter-call.ts";

const call = (facts: Partial<CallReport>) => isPassedFilter(facts as CallReport);

test("a filter passed when it neither failed nor answered", () => {
  assert.equal(call({ trigger: "filter", result: 0 }), true);
  assert.equal(call({ trigger: "filter", result: 200 }), true);
  assert.equal(call({ trigger: "filter", result: 403 }), false);
  assert.equal(call({ trigger: "filter", result: 0, status: 401 }), false);
  const error = { code: "MOC_GUEST_ERROR", message: "no" } as const;
  assert.equal(call({ trigger: "filter", error }), false);
  assert.equal(call({ trigger: "http", result: 0 }), false);
});
