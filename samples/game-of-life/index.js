/**
 * Conway's game of life, whose world lives in the key-value store and whose generations are computed
 * on the GPU by the shader `game-of-life-rules`: through the guest API module gpu, many in one call.
 */
const WORLD = "game-of-life/world";
const SIDE = 128;
const CELLS = SIDE * SIDE;
const INVOCATIONS = 64;
const MOST_GENERATIONS = 200;

/** @satisfies {MocFunction} */
export default {
  /**
   * @param {Request} request
   * @param {MocEnv} env
   */
  async fetch(request, env) {
    const world = (await env.kv.get(WORLD, "bytes")) ?? scattered(1);
    const query = new URL(request.url).searchParams;
    switch (env.params.change) {
      case undefined:
        return answer(world);
      case "step": {
        const wished = Math.trunc(Number(query.get("generations") ?? "1"));
        const generations = Math.min(Math.max(wished || 1, 1), MOST_GENERATIONS);
        return answer(await keep(env, await step(env, world, generations)));
      }
      case "scatter":
        return answer(await keep(env, scattered(Number(query.get("seed") ?? Date.now()))));
      case "flip": {
        const at = (Number(query.get("y")) % SIDE) * SIDE + (Number(query.get("x")) % SIDE);
        if (!Number.isInteger(at) || at < 0) return new Response("x and y?\n", { status: 400 });
        world[at] = world[at] === 1 ? 0 : 1;
        return answer(await keep(env, world));
      }
      default:
        return new Response("POST step, scatter or flip\n", { status: 404 });
    }
  },
};

/** @param {Uint8Array} world one byte a cell */
function answer(world) {
  return new Response(world, {
    headers: { "content-type": "application/octet-stream", "x-side": String(SIDE) },
  });
}

/**
 * @param {MocEnv} env
 * @param {Uint8Array} world
 */
async function keep(env, world) {
  await env.kv.put(WORLD, world);
  return world;
}

/**
 * Two buffers that stay on the GPU: each pass reads one and writes the other.
 * @param {MocEnv} env
 * @param {Uint8Array} world
 * @param {number} generations
 */
async function step(env, world, generations) {
  const core = env.api("core");
  const cells = Uint32Array.from(world);
  const [first, second] = [await core.createExchangeBuffer(), await core.createExchangeBuffer()];
  await core.writeExchangeBuffer(first, new Uint8Array(cells.buffer));
  await core.writeExchangeBuffer(second, new Uint8Array(cells.byteLength));
  const last = generations % 2;
  await env.api("gpu").computeShader(
    JSON.stringify({
      shader_name: "game-of-life-rules",
      dispatch_size: [CELLS / INVOCATIONS, 1, 1],
      bindings: [first, second].map((exchange_buffer_id, index) => ({
        target: "STORAGE",
        exchange_buffer_id,
        is_in: index === 0,
        is_out: index === last,
      })),
      passes: Array.from({ length: generations }, (_, pass) => ({
        bindings: pass % 2 === 0 ? [0, 1] : [1, 0],
      })),
    }),
  );
  const bytes = await core.readExchangeBuffer(last === 0 ? first : second);
  await core.freeBuffer(first);
  await core.freeBuffer(second);
  return Uint8Array.from(new Uint32Array(bytes.slice().buffer));
}

/**
 * A third of the cells lives; the same ones for the same seed.
 * @param {number} seed
 */
function scattered(seed) {
  let state = seed >>> 0 || 1;
  return Uint8Array.from({ length: CELLS }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state < 2 ** 32 / 3 ? 1 : 0;
  });
}
