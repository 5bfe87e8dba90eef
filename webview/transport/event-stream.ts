import type { PlatformEvent } from "../../runtime/protocol/model.ts";

/**
 * Events of a server-sent event stream, message by message, until it ends.
 *
 * The browser's own EventSource cannot send the header that proves the page.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export async function* readEvents(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<PlatformEvent, void, undefined> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const messages = (rest + part.value).split("\n\n");
      rest = messages.pop() ?? "";
      for (const message of messages) {
        const event = eventOf(message);
        if (event) yield event;
      }
    }
  } finally {
    // Lets go of the connection too, when whoever reads has had enough.
    reader.cancel().catch(() => undefined);
  }
}

/** A comment, sent to keep the connection open, has no data. */
function eventOf(message: string): PlatformEvent | undefined {
  const data = message
    .split("\n")
    .filter((line) => line.startsWith("data:"))
    .map((line) => line.slice(line.startsWith("data: ") ? 6 : 5));
  if (data.length === 0) return undefined;
  const event: unknown = JSON.parse(data.join("\n"));
  return isEvent(event) ? event : undefined;
}

/** As far as all kinds agree; the runtime is believed to send what it declares. */
function isEvent(value: unknown): value is PlatformEvent {
  return typeof value === "object" && value !== null && "kind" in value;
}
