/** Messages of a room that a new member gets to see. */
const REMEMBERED = 20;
/** In characters. */
const TEXT_MAX = 2000;
const NAME_MAX = 40;

/** @satisfies {MocFunction} */
export default {
  /**
   * Each websocket is a call of its own; they reach each other by a topic.
   * @param {MocSocket} socket
   * @param {Request} request
   * @param {MocEnv} env
   */
  async websocket(socket, request, env) {
    const room = env.params.room ?? "lobby";
    const topic = `websocket-chat/${room}`;
    const name = (new URL(request.url).searchParams.get("name") || "somebody").slice(0, NAME_MAX);
    const id = crypto.randomUUID();

    for (const line of await remembered(env.kv, room)) await socket.send(line);
    const relaying = relay(env.subscribe(topic), socket, id);
    await env.publish(topic, JSON.stringify({ kind: "enter", id, name }));

    for await (const message of socket) {
      const text = String(message).slice(0, TEXT_MAX);
      const line = JSON.stringify({ kind: "say", id, name, text, at: Date.now() });
      await remember(env.kv, room, line);
      await env.publish(topic, line);
    }
    await env.publish(topic, JSON.stringify({ kind: "leave", id, name }));
    await relaying;
  },

  /**
   * A plain GET: the last messages of the room.
   * @param {Request} _request
   * @param {MocEnv} env
   */
  async fetch(_request, env) {
    const lines = await remembered(env.kv, env.params.room ?? "lobby");
    return Response.json(lines.map((line) => JSON.parse(line)));
  },
};

/**
 * Sends what is said in the room to one member, until that member leaves.
 * @param {AsyncIterable<string | Uint8Array>} messages
 * @param {MocSocket} socket
 * @param {string} id
 */
async function relay(messages, socket, id) {
  for await (const message of messages) {
    const line = String(message);
    const said = JSON.parse(line);
    if (said.kind === "leave" && said.id === id) return;
    try {
      await socket.send(line);
    } catch (error) {
      // The member is gone: the loop over its socket ends as well.
      console.debug(`not sent: ${error}`);
      return;
    }
  }
}

/**
 * @param {MocKv} kv
 * @param {string} room
 */
async function remembered(kv, room) {
  const page = await kv.list({ prefix: prefixOf(room), limit: REMEMBERED });
  return page.entries.map((entry) => entry.value).reverse();
}

/**
 * Keys are ordered: the later a message, the smaller its key, so that a page begins with the newest.
 * @param {MocKv} kv
 * @param {string} room
 * @param {string} line
 */
async function remember(kv, room, line) {
  const age = String(Number.MAX_SAFE_INTEGER - Date.now() * 1000).padStart(16, "0");
  const old = await kv.list({ prefix: prefixOf(room), limit: 1000 });
  const forgotten = old.entries.slice(REMEMBERED - 1).map(({ key }) => ({ delete: key }));
  const put = `${prefixOf(room)}${age}/${crypto.randomUUID()}`;
  await kv.batch([{ put, value: line }, ...forgotten]);
}

/** @param {string} room */
function prefixOf(room) {
  return `websocket-chat/${encodeURIComponent(room)}/`;
}
