/**
 * The streams part of the prelude: loaded into the heap of functions that touch streams, so that
 * the others do not carry it.
 */
import * as streams from "web-streams-polyfill";

(globalThis as unknown as { __streams: unknown }).__streams = streams;
