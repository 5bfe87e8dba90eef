#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core-api-guest.h"

static uint8_t memory[64 * 1024];

// Counts a visit in the key-value store. Returns 0 if that failed.
static unsigned long count_visit(void) {
  moc_arena arena = moc_arena_of(memory, sizeof memory);
  moc_bytes key = moc_text("{{name}}/visits"), stored;
  char digits[24] = "";
  if (moc_persistence_get(&arena, &stored, key) != MOC_OK) return 0;
  if (stored.length < sizeof digits) memcpy(digits, stored.data, stored.length);
  unsigned long visits = strtoul(digits, NULL, 10) + 1;
  snprintf(digits, sizeof digits, "%lu", visits);
  return moc_persistence_set(key, moc_text(digits)) == MOC_FAILURE ? 0 : visits;
}

static void print_escaped(const char *text) {
  for (; *text; text++) {
    unsigned char c = (unsigned char)*text;
    if (c < 0x20) printf("\\u%04x", c);
    else if (c == '"' || c == '\\') printf("\\%c", c);
    else putchar(c);
  }
}

// A CGI program (RFC 3875): the request is in the environment and on stdin, the answer goes to
// stdout, headers first. stderr is the function's log.
int main(void) {
  const char *method = getenv("REQUEST_METHOD");
  // What the plug /{{name}}/!who binds, a request header as CGI spells it.
  const char *who = getenv("HTTP_X_MOC_PATH_PARAM_WHO");

  // The body of a POST is the name.
  char body[256];
  if (method && strcmp(method, "POST") == 0) {
    body[fread(body, 1, sizeof body - 1, stdin)] = 0;
    who = body;
  }
  if (!who || !*who) who = "World";

  unsigned long visits = count_visit();
  if (visits == 0) {
    fputs("the visit could not be counted\n", stderr);
    printf("Status: 500\r\nContent-Type: application/json\r\n\r\n{\"error\":\"no count\"}\n");
    return 0;
  }
  printf("Content-Type: application/json\r\n\r\n{\"message\":\"Hello, ");
  print_escaped(who);
  printf("!\",\"visits\":%lu}\n", visits);
  return 0;
}
