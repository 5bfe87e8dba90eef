// Exchange buffers by the raw guest API, without a C library: bytes go to the host and come back.
#include "core-api-guest.h"

static const char MESSAGE[] = "hello";
#define LENGTH ((int)sizeof MESSAGE - 1)

// Returns 700 when what comes back is what was sent; else the index of the first wrong byte, or 100
// when the size is wrong.
WASM_EXPORT_AS("_start") uint32_t start(int a, int b) {
  (void)a;
  (void)b;
  print_debug(MESSAGE, LENGTH);

  int buffer = (int)create_exchange_buffer();
  write_exchange_buffer(buffer, MESSAGE, LENGTH);

  // Without space for it, the size is answered.
  if (read_exchange_buffer(buffer, 0, 0) != LENGTH) return 100;
  char back[LENGTH];
  read_exchange_buffer(buffer, back, LENGTH);
  for (int i = 0; i < LENGTH; i++) {
    if (back[i] != MESSAGE[i]) return (uint32_t)i;
  }
  free_buffer(buffer);
  return 700;
}

// For other modules, which import it from "api-demo-c": a buffer id goes from one to the other.
WASM_EXPORT_AS("get_size_of_passed_buffer") uint32_t get_size_of_passed_buffer(int buffer) {
  return read_exchange_buffer(buffer, 0, 0);
}
