#include "core-api-guest.h"

// The guest API puts its answers here; nothing is allocated. Every call starts with it empty.
static uint8_t memory[64 * 1024];

static uint32_t parse(moc_bytes digits) {
  uint32_t number = 0;
  for (uint32_t i = 0; i < digits.length; i++) number = number * 10 + (digits.data[i] - '0');
  return number;
}

// Writes the digits of a number to the end of the given space of 10 bytes.
static moc_bytes print(uint32_t number, uint8_t space[10]) {
  uint32_t at = 10;
  do space[--at] = '0' + number % 10; while (number /= 10);
  return moc_bytes_of(space + at, 10 - at);
}

// Counts a visit in the key-value store. Returns 0 if that failed.
static uint32_t count_visit(moc_arena *arena) {
  moc_bytes key = moc_text("{{name}}/visits"), stored;
  if (moc_persistence_get(arena, &stored, key) != MOC_OK) return 0;
  uint32_t visits = parse(stored) + 1;
  uint8_t digits[10];
  return moc_persistence_set(key, print(visits, digits)) == MOC_FAILURE ? 0 : visits;
}

static void write(uint32_t output, moc_bytes bytes) {
  moc_write_exchange_buffer(output, bytes);
}

// Text within a JSON string: quotes, backslashes and control characters are escaped.
static void write_escaped(uint32_t output, moc_bytes text) {
  for (uint32_t i = 0; i < text.length; i++) {
    uint8_t byte = text.data[i];
    if (byte < 0x20) {
      const char *hex = "0123456789abcdef";
      uint8_t escape[6] = {'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15]};
      write(output, moc_bytes_of(escape, 6));
      continue;
    }
    if (byte == '"' || byte == '\\') write(output, moc_text("\\"));
    write(output, moc_bytes_of(&byte, 1));
  }
}

// The start function: it has the request in the input buffer, and writes the answer to the output
// buffer. What it returns, from 100 to 599, is the http status.
WASM_EXPORT_AS("handle") uint32_t handle(void) {
  moc_arena arena = moc_arena_of(memory, sizeof memory);
  moc_list headers;
  if (moc_read_exchange_buffer_headers(&arena, &headers, moc_get_input_buffer_id()) != MOC_OK) {
    return 500;
  }

  // The plug /{{name}}/!who binds `who`, which arrives as a header.
  moc_bytes who;
  if (!moc_list_get(headers, moc_text("x-moc-path-param-who"), &who)) who = moc_text("World");

  uint32_t visits = count_visit(&arena);
  if (visits == 0) return 500;

  uint32_t output = moc_get_output_buffer_id();
  uint8_t digits[10];
  moc_write_exchange_buffer_header(output, moc_text("content-type"), moc_text("application/json"));
  write(output, moc_text("{\"message\":\"Hello, "));
  write_escaped(output, who);
  write(output, moc_text("!\",\"visits\":"));
  write(output, print(visits, digits));
  write(output, moc_text("}"));
  return 200;
}
