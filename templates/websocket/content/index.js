const MESSAGES = "{{name}}/messages";

/** @satisfies {MocFunction} */
export default {
  /**
   * A websocket on /{{name}}/ws: lasts as long as the loop.
   * @param {MocSocket} socket
   * @param {Request} _request
   * @param {MocEnv} env
   */
  async websocket(socket, _request, env) {
    for await (const message of socket) {
      const count = Number((await env.kv.get(MESSAGES)) ?? "0") + 1;
      await env.kv.put(MESSAGES, String(count));
      await socket.send(JSON.stringify({ echo: String(message), count }));
    }
  },

  /**
   * A plain GET on the same path.
   * @param {Request} _request
   * @param {MocEnv} env
   */
  async fetch(_request, env) {
    const messages = Number((await env.kv.get(MESSAGES)) ?? "0");
    return Response.json({ messages, hint: "open this path as a websocket" });
  },
};
