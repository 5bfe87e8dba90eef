/** An application made with an unmodified web framework: routes, middleware, validation, errors. */
import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { prettyJSON } from "hono/pretty-json";
import { secureHeaders } from "hono/secure-headers";

interface Book {
  readonly title: string;
  readonly year: number;
}

const app = new Hono<{ Bindings: MocEnv }>().basePath("/hono");

app.use(secureHeaders(), prettyJSON());

app.get("/", (context) => context.text("Hono, bundled by esbuild, in a sandbox.\n"));

app.get("/books", async (context) => {
  const page = await context.env.kv.list({ prefix: "hono-app/book/" });
  return context.json(page.entries.map((entry) => JSON.parse(entry.value)));
});

app.get("/books/:isbn", async (context) => {
  const book = await context.env.kv.get<Book>(key(context.req.param("isbn")), "json");
  return book ? context.json(book) : context.notFound();
});

app.put("/books/:isbn", async (context) => {
  const book = readBook(await context.req.json().catch(() => undefined));
  await context.env.kv.put(key(context.req.param("isbn")), JSON.stringify(book));
  return context.json(book, 201);
});

/** Streams: each number is sent when it is made. */
app.get("/countdown/:from{[0-9]{1,2}}", (context) => {
  let next = Number(context.req.param("from"));
  const encoder = new TextEncoder();
  const numbers = new ReadableStream({
    pull(controller) {
      if (next < 0) return controller.close();
      controller.enqueue(encoder.encode(`${next--}\n`));
    },
  });
  return context.body(numbers, 200, { "content-type": "text/plain; charset=utf-8" });
});

app.notFound((context) => context.json({ error: `${context.req.path} is not here` }, 404));

app.onError((error, context) => {
  if (error instanceof HTTPException) return context.json({ error: error.message }, error.status);
  console.error(error);
  return context.json({ error: "the application failed" }, 500);
});

function readBook(value: unknown): Book {
  const { title, year } = Object(value) as Partial<Record<keyof Book, unknown>>;
  if (typeof title !== "string" || title === "") {
    throw new HTTPException(400, { message: "title must be a text" });
  }
  if (typeof year !== "number" || !Number.isInteger(year)) {
    throw new HTTPException(400, { message: "year must be an integer" });
  }
  return { title, year };
}

function key(isbn: string): string {
  return `hono-app/book/${isbn}`;
}

export default app;
