// A module that others are linked with: they import these functions from "arithmetic".
#include <stdint.h>

__attribute__((export_name("multiply"))) uint32_t multiply(uint32_t a, uint32_t b) {
  return a * b;
}

// Division by zero traps: the call ends with MOC_GUEST_TRAP, whoever made it.
__attribute__((export_name("divide"))) uint32_t divide(uint32_t a, uint32_t b) {
  return a / b;
}
