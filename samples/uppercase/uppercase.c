// Copies stdin to stdout in upper case: the request's body in, the answer out.
#include <ctype.h>
#include <stdio.h>

int main(void) {
  int c;
  while ((c = getchar()) != EOF) putchar(toupper(c));
  return ferror(stdin) || fflush(stdout) == EOF;
}
