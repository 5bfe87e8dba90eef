const VISITS = "{{name}}/visits";

interface Greeting {
  message: string;
  /** How often anybody was greeted. */
  visits: number;
}

export default {
  async fetch(request, env): Promise<Response> {
    // The plug /{{name}}/!who binds `who`; /{{name}} leaves it to the query.
    const who = env.params.who ?? new URL(request.url).searchParams.get("who") ?? "World";
    const greeting: Greeting = { message: `Hello, ${who}!`, visits: await countVisit(env.kv) };
    return Response.json(greeting);
  },
} satisfies MocFunction;

/** A write is on disk when it has been awaited. */
async function countVisit(kv: MocKv): Promise<number> {
  const visits = Number((await kv.get(VISITS)) ?? "0") + 1;
  await kv.put(VISITS, String(visits));
  return visits;
}
