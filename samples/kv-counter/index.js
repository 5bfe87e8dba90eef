/** Counters by name, kept in the key-value store: GET reads, POST adds one, DELETE forgets. */
const PREFIX = "kv-counter/";

/** @satisfies {MocFunction} */
export default {
  /**
   * @param {Request} request
   * @param {MocEnv} env
   */
  async fetch(request, env) {
    const { counter } = env.params;
    if (counter === undefined) return Response.json(await all(env.kv));

    const key = PREFIX + counter;
    if (request.method === "DELETE") {
      await env.kv.delete(key);
      return new Response(null, { status: 204 });
    }
    const value = Number((await env.kv.get(key)) ?? "0");
    if (request.method === "GET") return Response.json({ counter, value });

    // The write is on disk when it has been awaited: what was answered is never lost.
    await env.kv.put(key, String(value + 1));
    return Response.json({ counter, value: value + 1 });
  },
};

/** @param {MocKv} kv */
async function all(kv) {
  /** @type {Record<string, number>} */
  const counters = {};
  let page = await kv.list({ prefix: PREFIX });
  for (;;) {
    for (const { key, value } of page.entries) counters[key.slice(PREFIX.length)] = Number(value);
    if (page.next === undefined) return counters;
    page = await kv.list({ prefix: PREFIX, after: page.next });
  }
}
