/** Functions whose calls, lines, values and pictures the dashboard shows in its tests. */
export interface TestGuest {
  readonly name: string;
  readonly contentType: string;
  readonly source: string;
  readonly method: string;
  readonly path: string;
}

const javascript = (name: string, path: string, source: string, method = "get"): TestGuest => ({
  name,
  contentType: "text/javascript",
  source,
  method,
  path,
});

/** Writes a key, calls another function, logs, and answers. */
const HELLO = `export default {
  async fetch(request, env) {
    const { name } = env.params;
    await env.kv.put("hello/last", JSON.stringify({ name, count: [1, 2, 3] }));
    const answer = await env.call("worker");
    console.log("greeted <b>" + name + "</b>");
    return Response.json({ hello: name, worker: await answer.text(), at: Math.random() });
  },
};`;

const WORKER = `export default { fetch: () => new Response("worked") };`;

const FAILING = `export default {
  fetch() { throw new Error("this always fails"); },
};`;

/** Answers with what it was asked. */
const ECHO = `export default {
  async fetch(request) {
    const type = request.headers.get("content-type") ?? "application/octet-stream";
    const headers = { "content-type": type, "x-echo": "yes", "set-cookie": "a=b" };
    return new Response(await request.arrayBuffer(), { headers });
  },
};`;

/** An answer that is sent in pieces. */
const LONG = `export default { fetch: () => new Response("long ".repeat(60000)) };`;

/** Writes as many lines as asked for, in the time asked for. */
const FLOOD = `export default {
  async fetch(request) {
    const { searchParams } = new URL(request.url);
    const count = Number(searchParams.get("count"));
    const from = Number(searchParams.get("from"));
    for (let i = 0; i < count; i++) console.log("flood line " + (from + i));
    return new Response("done");
  },
};`;

const FILTER = `const core = requireApi("core");
function filter() { return 0; }
Object.assign(globalThis, { filter });`;

/** A picture of two colours and a gradient, with controls. */
const SHADER = `// moc: { "parameters": {
//   "strength": { "default": 0.5, "min": 0, "max": 1, "step": 0.01 },
//   "colour": { "default": [1, 0.25, 0], "description": "of the right half" },
//   "width": { "default": 96, "min": 1, "max": 512, "step": 1 },
//   "height": { "default": 64, "min": 1, "max": 512, "step": 1 } } }
struct Look { colour: vec3f, strength: f32 }
@group(0) @binding(0) var<uniform> look: Look;
@group(0) @binding(1) var picture: texture_storage_2d<rgba32float, write>;
@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let size = textureDimensions(picture);
  let share = vec2f(id.xy) / vec2f(size);
  let rings = 0.5 + 0.5 * sin(40.0 * distance(share, vec2f(0.5)) * (0.2 + look.strength));
  textureStore(picture, id.xy, vec4f(look.colour * rings + vec3f(0, 0, share.y) * 0.6, 1));
}`;

const BROKEN_SHADER = `@compute @workgroup_size(1)
fn main() {
  let x: u32 = 1.5;
}`;

export const GUESTS: readonly TestGuest[] = [
  javascript("hello", "/hello/!name", HELLO),
  javascript("worker", "/worker", WORKER),
  javascript("failing", "/failing", FAILING),
  javascript("echo", "/echo", ECHO, "post"),
  javascript("long", "/long", LONG),
  javascript("flood", "/flood", FLOOD),
  javascript("gate", "/gate", FILTER),
  { name: "rings", contentType: "text/wgsl", source: SHADER, method: "get", path: "/rings" },
  {
    name: "broken",
    contentType: "text/wgsl",
    source: BROKEN_SHADER,
    method: "get",
    path: "/broken",
  },
];
