const VISITS = "{{name}}/visits";

/** @satisfies {MocFunction} */
export default {
  /**
   * @param {Request} request
   * @param {MocEnv} env
   */
  async fetch(request, env) {
    // The plug /{{name}}/!who binds `who`; /{{name}} leaves it to the query.
    const who = env.params.who ?? new URL(request.url).searchParams.get("who") ?? "World";

    // A write is on disk when it has been awaited.
    const visits = Number((await env.kv.get(VISITS)) ?? "0") + 1;
    await env.kv.put(VISITS, String(visits));

    return Response.json({ message: `Hello, ${who}!`, visits });
  },
};
