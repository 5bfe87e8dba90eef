// Automatic module binding: what is imported from a name that is no guest API is linked to the
// function registered under that name. Each module has a memory of its own; numbers and buffer ids
// go from one to the other.
#include "core-api-guest.h"

WASM_IMPORT("arithmetic", "multiply") uint32_t multiply(uint32_t a, uint32_t b);
WASM_IMPORT("arithmetic", "divide") uint32_t divide(uint32_t a, uint32_t b);
WASM_IMPORT("api-demo-c", "get_size_of_passed_buffer") uint32_t get_size_of_passed_buffer(int id);

// The size of a buffer of 5 bytes, as the other module sees it, and a²/b².
WASM_EXPORT_AS("process") uint32_t process(uint32_t a, uint32_t b) {
  uint32_t buffer = moc_create_exchange_buffer();
  moc_write_exchange_buffer(buffer, moc_text("hello"));
  uint32_t size = get_size_of_passed_buffer((int)buffer);
  moc_free_buffer(buffer);
  return size + divide(multiply(a, a), multiply(b, b));
}
