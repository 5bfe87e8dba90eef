import assert from "node:assert/strict";
import { test } from "node:test";
import { type Absence, adviceFor, type GpuSystem, readSystem } from "./absence.ts";

const linux: GpuSystem = {
  platform: "linux",
  named: undefined,
  isNamedThere: false,
  hasLoader: true,
  drivers: [],
};
const because = (...causes: Absence["cause"][]): Absence[] =>
  causes.map((cause) => ({ cause, reason: "" }));

test("without an adapter, what to install is what this system lacks", () => {
  const advice = (system: Partial<GpuSystem>) =>
    adviceFor(because("adapter"), { ...linux, ...system });
  assert.match(advice({ hasLoader: false }), /Vulkan loader .*libvulkan1.*and a Vulkan driver/);
  assert.match(advice({}), /^install a Vulkan driver .*mesa-vulkan-drivers/);
  assert.match(advice({ drivers: ["radeon_icd.json"] }), /\/dev\/dri.*radeon_icd\.json/);
  assert.match(advice({ named: "/x.json" }), /VK_DRIVER_FILES.*'\/x\.json'.*not there.*unset/);
  assert.doesNotMatch(advice({ named: "/x.json", isNamedThere: true }), /VK_DRIVER_FILES/);
  assert.match(advice({ platform: "win32" }), /vendor.*--gpu-adapter software/);
  assert.doesNotMatch(advice({ platform: "darwin" }), /Vulkan|chromium/);
});

test("what is no lack of a driver is not blamed on one", () => {
  for (const cause of ["node", "addon", "name", "driver"] as const) {
    assert.doesNotMatch(adviceFor(because(cause), linux), /install a Vulkan|libvulkan|chromium/);
  }
  assert.match(adviceFor(because("addon"), linux), /glibc/);
  assert.match(adviceFor(because("driver"), linux), /update that driver.*software/);
  const both = adviceFor(because("driver", "adapter", "adapter"), linux);
  assert.match(both, /update that driver.*; or install a Vulkan driver/);
});

test("the system's facts are looked up", () => {
  const { named, isNamedThere } = readSystem({ VK_DRIVER_FILES: "/nonexistent.json" });
  assert.deepEqual([named, isNamedThere], ["/nonexistent.json", false]);
  assert.equal(readSystem({}).named, undefined);
});
