import { Hono } from "hono";

const app = new Hono<{ Bindings: MocEnv }>().basePath("/{{name}}");

app.get("/", (context) => context.json({ notes: "/{{name}}/notes/TITLE: get, put or delete a note" }));

app.get("/notes", async (context) => {
  const page = await context.env.kv.list({ prefix: "{{name}}/note/" });
  return context.json(page.entries.map((entry) => entry.key.slice("{{name}}/note/".length)));
});

app.get("/notes/:title", async (context) => {
  const title = context.req.param("title");
  const text = await context.env.kv.get(noteKey(title));
  if (text === null) return context.json({ error: `there is no note ${title}` }, 404);
  return context.json({ title, text });
});

app.put("/notes/:title", async (context) => {
  const title = context.req.param("title");
  const text = await context.req.text();
  if (text === "") return context.json({ error: "a note needs a text as the body" }, 400);
  await context.env.kv.put(noteKey(title), text);
  return context.json({ title, text }, 201);
});

app.delete("/notes/:title", async (context) => {
  await context.env.kv.delete(noteKey(context.req.param("title")));
  return context.body(null, 204);
});

function noteKey(title: string): string {
  return `{{name}}/note/${title}`;
}

export default app;
