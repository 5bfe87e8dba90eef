import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { attemptsFor, findSoftwareDriver } from "./adapter-search.ts";
import { GpuHost } from "./gpu-host.ts";
import { inPlaceJob, SQUARES } from "./testing.ts";

const folder = mkdtempSync(join(tmpdir(), "moc-gpu-test-"));
after(() => rmSync(folder, { recursive: true }));
const driver = join(folder, "vk_swiftshader_icd.json");
writeFileSync(driver, "{}");
writeFileSync(join(folder, "libvulkan.so.1"), "");

test("the system's driver comes first, a browser's software driver when there is none", () => {
  const [system, software, ...others] = attemptsFor("", { HOME: "/h" }, driver);
  assert.deepEqual(others, []);
  assert.deepEqual(system, {
    chosen: "the system's driver",
    adapter: undefined,
    env: { HOME: "/h" },
  });
  assert.deepEqual(software?.env, { HOME: "/h", VK_DRIVER_FILES: driver, LD_LIBRARY_PATH: folder });
  assert.match(software?.chosen ?? "", /SwiftShader from .*no other adapter/);
});

test("a setting is obeyed, never replaced", () => {
  const named = attemptsFor("Fast Card", {}, driver);
  assert.deepEqual(
    named.map((one) => one.adapter),
    ["Fast Card", "Fast Card"],
  );
  const software = attemptsFor("software", {}, driver);
  assert.equal(software.length, 1);
  assert.equal(software[0]?.env.VK_DRIVER_FILES, driver);
  const given = attemptsFor("", { VK_DRIVER_FILES: "/my/driver.json" }, driver);
  assert.ok(given.every((one) => one.env.VK_DRIVER_FILES === "/my/driver.json"));
});

test("on Windows the software adapter is the system's own", () => {
  const [one, ...others] = attemptsFor("software", {}, undefined, "win32");
  assert.equal(one?.adapter, "Microsoft Basic Render Driver");
  assert.deepEqual(others, []);
});

test("a software driver is found by its manifest", () => {
  assert.equal(findSoftwareDriver(["/nowhere", folder]), driver);
  assert.equal(findSoftwareDriver(["/nowhere"]), undefined);
});

test("without an adapter every call says what to do", async () => {
  const program = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return pathToFileURL(path);
  };
  const crash = program("crash.mjs", "process.kill(process.pid, 'SIGSEGV');");
  const absent = { kind: "absent", cause: "addon", reason: "it cannot be loaded: GLIBC_2.99" };
  const unloadable = program("absent.mjs", `process.send(${JSON.stringify(absent)});`);
  const cases = [
    [{ adapter: "no such adapter" }, /no such adapter.*(--gpu-adapter|install|\/dev\/dri)/s],
    [{ adapter: "none" }, /^the adapter setting is 'none'/],
    [{ node: "/no/such/node" }, /spawn \/no\/such\/node ENOENT.*program 'node' is installed/],
    [
      { entry: crash },
      /it ended the GPU host while it was opened \(SIGSEGV\).*update that driver/s,
    ],
    [{ entry: unloadable }, /it cannot be loaded: .*GLIBC.*(glibc 2\.34|update the system)/s],
  ] as const;
  for (const [options, message] of cases) {
    const host = new GpuHost(options);
    const description = await host.describe();
    assert.equal(description.available, false);
    assert.match(description.available ? "" : description.reason, message);
    assert.doesNotMatch(description.available ? "" : description.reason, /undefined/);
    const call = host.compute(inPlaceJob(SQUARES, 4, 1), [new Uint8Array(4)]);
    await assert.rejects(call, { code: "MOC_GPU_UNAVAILABLE", message });
    await host.close();
  }
});
