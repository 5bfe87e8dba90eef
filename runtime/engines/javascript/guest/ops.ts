/**
 * Operations that the prelude asks of the host, by number. Shared by both sides; the host answers
 * them in ../operations.ts.
 */
export const OP = {
  /** level 0..3, text */
  LOG: 0,
  /** function index, arguments: waits if it must */
  API: 1,
  /** request id, ASK code, arguments: answered by `settle` */
  ASK: 2,
  /** result of the start function */
  FINISH: 3,
  /** description of the error that ended the call, JSON */
  FAIL: 4,
  /** text: its UTF-8 */
  ENCODE: 5,
  /** label, flags (1 fatal, 2 ignoreBOM, 4 stream), decoder id, bytes: text */
  DECODE: 6,
  /** count: random bytes */
  RANDOM: 7,
  /** url, base or undefined: JSON of its parts */
  URL_PARSE: 8,
  /** url, part, value: JSON of the changed url's parts */
  URL_SET: 9,
  /** ms since the start of the process */
  NOW: 10,
  /** timer id, ms: `settle` when it is over */
  TIMER: 11,
  /** timer id */
  TIMER_CLEAR: 12,
  /** algorithm, bytes: digest */
  DIGEST: 13,
  /** hash, key, bytes: HMAC */
  HMAC: 14,
  /** bytes: base64 */
  BASE64_ENCODE: 15,
  /** text: bytes, or undefined if it is not base64 */
  BASE64_DECODE: 16,
  /** loads the streams part of the prelude */
  LOAD_STREAMS: 17,
  /** what the call is about, JSON: see call-facts.ts */
  REQUEST: 18,
  /** status, headers JSON or nothing but a content type, body or undefined, whether that is all */
  RESPOND: 19,
  /** label: its standard name, or undefined */
  ENCODING: 20,
  /** URL-encoded pairs: JSON list of pairs */
  FORM_DECODE: 21,
  /** JSON list of pairs: URL-encoded */
  FORM_ENCODE: 22,
  /** method, space and URL of the request */
  REQUEST_LINE: 23,
} as const;

/** What OP.ASK asks for; each is answered later. */
export const ASK = {
  /** function index, arguments */
  API: 0,
  /** body source: next bytes, or undefined at the end */
  BODY_PART: 1,
  /** body source: the rest as bytes */
  BODY_BYTES: 2,
  /** body source: the rest as text */
  BODY_TEXT: 3,
  /** body source: not wanted any more */
  BODY_CANCEL: 4,
  /** bytes of the output */
  WRITE: 5,
  /** body source: the rest goes to the output */
  PIPE: 6,
  /** request JSON, body: response JSON */
  FETCH: 7,
  /** key: bytes or undefined */
  KV_GET: 8,
  /** JSON list of entries, each key, then value text or base64: done */
  KV_BATCH: 9,
  /** prefix, after, count: JSON list of [key, base64] */
  KV_LIST: 10,
  /** request JSON, body: response JSON */
  CALL: 11,
  /** topic, bytes */
  PUBLISH: 12,
  /** topic: body source with messages */
  SUBSCRIBE: 13,
  /** body source of messages: text if it is UTF-8, else bytes; undefined at the end */
  MESSAGE: 14,
  /** ends the output */
  CLOSE: 15,
} as const;

/** The body source that is the call's input. */
export const INPUT_SOURCE = 0;
