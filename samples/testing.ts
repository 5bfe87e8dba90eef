/** A real platform, real compilers and real sample inputs, for the tests of samples and templates. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { closeBuilders } from "../devkit/builders/list.ts";
import { type Client, connect } from "../devkit/client.ts";
import { deployProject } from "../devkit/deploy.ts";
import type { FunctionProject } from "../devkit/manifest.ts";
import { runSample } from "../devkit/sample-run.ts";
import { readSamples } from "../devkit/samples.ts";
import { MocError } from "../runtime/protocol/errors.ts";
import { startRuntime } from "../runtime/runtime.ts";
import type { RuntimeOptions } from "../runtime/runtime-options.ts";

export interface TestPlatform {
  readonly client: Client;
  /** For files of the tests; gone when the platform is. */
  readonly folder: string;
  close(): Promise<void>;
}

/** Starts a platform on a port and a data folder of its own. */
export async function startPlatform(options: Partial<RuntimeOptions> = {}): Promise<TestPlatform> {
  const folder = await mkdtemp(join(tmpdir(), "moc-samples-"));
  const dataFolder = join(folder, "data");
  const runtime = await startRuntime({ ...options, dataFolder, port: 0 });
  const client = await connect({ dataFolder });
  return {
    client,
    folder,
    async close() {
      client.close();
      await runtime.stop();
      await closeBuilders();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Deploys a function and sends its sample inputs. What cannot be tested on this machine, for want of
 * a compiler or a GPU, is skipped with the reason.
 */
export async function deployAndTry(
  t: TestContext,
  client: Client,
  project: FunctionProject,
): Promise<void> {
  if (!(await deployOrSkip(t, client, project))) return;
  const samples = await readSamples(project);
  assert.ok(samples.length > 0, "there are no sample inputs");
  for (const sample of samples) {
    await t.test(sample.name, async (inner) => {
      assert.deepEqual(sample.problems, []);
      const result = await runSample(client, project, sample);
      const body = new TextDecoder().decode(result.body.subarray(0, 2000));
      if (body.includes("MOC_GPU_UNAVAILABLE")) return inner.skip("there is no usable GPU");
      assert.deepEqual(result.failures, [], `${result.target}: ${result.status}\n${body}`);
    });
  }
}

/** Whether the function is live now; if not, the test is marked as skipped. */
export async function deployOrSkip(
  t: TestContext,
  client: Client,
  project: FunctionProject,
): Promise<boolean> {
  try {
    const outcome = await deployProject(client, project);
    assert.ok(outcome.ok, outcome.ok ? "" : outcome.build.output);
    return true;
  } catch (error) {
    if (error instanceof MocError && error.code === "MOC_TOOLCHAIN_MISSING") {
      t.skip(error.message.replaceAll("\n", " "));
      return false;
    }
    throw error;
  }
}
