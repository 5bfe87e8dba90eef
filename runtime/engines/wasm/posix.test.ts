/** C programs compiled with wasi-libc, as users have them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { OutputBuffer } from "../../guest-api/output-buffer.ts";
import { StreamBuffer } from "../../guest-api/stream-buffer.ts";
import { makeTestContext } from "../../guest-api/testing.ts";
import { MocError } from "../../protocol/errors.ts";
import { call, compileC, load, toEntry } from "./testing.ts";

const utf8 = new TextEncoder();

test("a C program reads stdin, writes stdout, logs stderr and exits with a code", async () => {
  const loaded = await load(
    await compileC(`#include <stdio.h>
#include <ctype.h>
#include <stdlib.h>
int main(int argc, char **argv) {
  int c; while ((c = getchar()) != EOF) putchar(toupper(c));
  for (int i = 0; i < argc; i++) printf("[%s]", argv[i]);
  fprintf(stderr, "first\\nsec"); fprintf(stderr, "ond"); exit(argc == 3 ? 0 : 7);
}`),
  );
  const good = await call(loaded, {
    input: "hello é\n",
    posixFileName: "prog",
    posixArguments: ["größe", "2"],
  });
  assert.equal(good.result, 0);
  assert.equal(good.context.outputText(), "HELLO é\n[prog][größe][2]");
  assert.deepEqual(
    good.context.logs.map((line) => line.text),
    ["first", "second"],
  );
  const bad = await call(loaded, { input: "" });
  assert.equal(bad.result, 7);
  assert.equal(bad.context.outputText(), "[test]");
});

test("api and http addresses open like files from wasi-libc", async () => {
  const loaded = await load(
    await compileC(`#include <stdio.h>
#include <errno.h>
int copy(const char *from, FILE *to) {
  char buf[5]; size_t n; FILE *f = fopen(from, "rb"); if (!f) return errno;
  while ((n = fread(buf, 1, sizeof buf, f)) > 0) fwrite(buf, 1, n, to);
  fclose(f); return 0;
}
int main(int argc, char **argv) {
  FILE *out = fopen("api://output", "w"); if (!out) return 100;
  fprintf(out, "<"); copy("api://input", out); fprintf(out, "|"); fflush(out);
  int e = copy(argv[1], out); fprintf(out, "|%d", e); fclose(out);
  printf("|"); copy("api://input", stdout); char line[100];
  printf("|%s>", fgets(line, 100, stdin)); return fopen("api://nothing", "r") ? 1 : errno;
}`),
  );
  const asked: unknown[] = [];
  const parts = [utf8.encode("from the "), utf8.encode("web")];
  const host = {
    httpRequest(request: unknown) {
      asked.push(request);
      return { status: 404, headers: {}, stream: 5 };
    },
    streamRead: () => parts.shift(),
    streamClose: () => undefined,
  };
  const good = await call(loaded, {
    input: "the input",
    posixArguments: ["https://example.org/a//b?c=d"],
    host,
  });
  assert.equal(good.context.outputText(), "<the input|from the web|0|the input|the input>");
  assert.equal(good.result, 44); // ENOENT
  assert.deepEqual(asked, [{ method: "GET", url: "https://example.org/a//b?c=d", headers: {} }]);
  const denied = {
    httpRequest() {
      throw new MocError("MOC_OUTBOUND_DENIED", "10.0.0.1 is private");
    },
  };
  const refused = await call(loaded, {
    input: "",
    posixArguments: ["http://10.0.0.1/"],
    host: denied,
  });
  assert.match(refused.context.outputText(), /^<\|\|2\|/); // EACCES
  assert.match(refused.context.logs[0]?.text ?? "", /10\.0\.0\.1 is private/);
});

test("files of a program live as long as its call", async () => {
  const loaded = await load(
    await compileC(`#include <stdio.h>
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
int main() {
  if (access("/data/f", F_OK) == 0) return 1;
  if (mkdir("data", 0777)) return 2;
  FILE *f = fopen("/data/f", "w+"); if (!f) return 3;
  for (int i = 0; i < 30000; i++) fprintf(f, "line %d\\n", i);
  fseek(f, -12, SEEK_END); char last[20] = {0}; fread(last, 1, 12, f); puts(strchr(last, '\\n') + 1);
  fclose(f);
  struct stat s; stat("data/f", &s); printf("%lld\\n", (long long) s.st_size);
  if (symlink("f", "data/link") || rename("data/link", "./data/moved")) return 4;
  if (stat("data/moved", &s) || !S_ISREG(s.st_mode)) return 5;
  DIR *d = opendir("/data"); struct dirent *e; while ((e = readdir(d))) if (e->d_name[0] != '.') puts(e->d_name);
  closedir(d); if (truncate("data/f", 3)) return 6; stat("data/f", &s); printf("%lld\\n", (long long) s.st_size);
  if (fopen("/data/none", "r") || errno != ENOENT) return 7;
  if (fopen("/../etc/passwd", "r")) return 8;
  return 0;
}`),
  );
  for (let round = 0; round < 2; round++) {
    const { result, context } = await call(loaded);
    assert.equal(result, 0);
    assert.equal(context.outputText(), "line 29999\n\n318890\nf\nmoved\n3\n");
  }
});

test("a program that wants to fill the file system is told that it is full", async () => {
  const loaded = await load(
    await compileC(`#include <fcntl.h>
#include <unistd.h>
#include <errno.h>
#include <stdio.h>
static char block[1 << 20];
int main() {
  char name[20]; int total = 0;
  for (int i = 0; i < 1000; i++) {
    sprintf(name, "f%d", i); int fd = open(name, O_CREAT | O_RDWR, 0666); if (fd < 0) return 1;
    if (i % 2) unlink(name);
    if (write(fd, block, sizeof block) < 0) { if (errno != ENOSPC) return 2; printf("%d", total); return 0; }
    total++;
  }
  return 3;
}`),
    { limits: { memoryMiB: 16 } },
  );
  const { result, context } = await call(loaded, { limits: { memoryMiB: 16 } });
  assert.equal(result, 0);
  assert.equal(context.outputText(), "15");
});

test("sleeping and polling wait as long as asked, many programs at once", async () => {
  const loaded = await load(
    await compileC(`#include <time.h>
#include <unistd.h>
#include <poll.h>
#include <stdio.h>
int main() {
  struct timespec a, b, t = {0, 20000000}; clock_gettime(CLOCK_MONOTONIC, &a); nanosleep(&t, 0);
  clock_gettime(CLOCK_MONOTONIC, &b);
  long ms = (b.tv_sec - a.tv_sec) * 1000 + (b.tv_nsec - a.tv_nsec) / 1000000;
  struct pollfd fds[2] = {{0, POLLIN, 0}, {1, POLLOUT, 0}};
  int n = poll(fds, 1, 1000); char c; read(0, &c, 1);
  printf("%d %d %c", ms >= 19, n, c); return 0;
}`),
  );
  const results = await Promise.all(Array.from({ length: 20 }, () => call(loaded, { input: "x" })));
  assert.ok(results.every((one) => one.context.outputText() === "1 1 x"));
});

test("a call that came by http gives a program the environment of CGI", async () => {
  const loaded = await load(
    await compileC(`#include <stdio.h>
#include <stdlib.h>
int main() {
  printf("Status: 201 Made\\nContent-Type: text/plain\\r\\nX-Two: a\\nX-Two: b\\n\\n");
  printf("%s %s %s %s %s|", getenv("REQUEST_METHOD"), getenv("PATH_INFO"), getenv("QUERY_STRING"),
    getenv("HTTP_X_TEST"), getenv("MINE"));
  int c; while ((c = getchar()) != EOF) putchar(c); return 0;
}`),
    { settings: { mode: "cgi", env: { MINE: "ö" } } },
  );
  const headers = {
    "x-moc-method": "post",
    "x-moc-url-path": "/a/b%20c",
    "x-moc-url-query": "q=1",
    "x-test": "yes",
  };
  const { result, context } = await call(loaded, { input: "body\n\nmore", headers });
  const output = context.buffers.get(context.output);
  assert.equal(result, 0);
  assert.equal(output.status, 201);
  assert.equal(output.headers.get("content-type"), "text/plain");
  assert.equal(output.headers.get("x-two"), "a, b");
  assert.equal(context.outputText(), "POST /a/b c q=1 yes ö|body\n\nmore");
});

test("in cgi mode output without headers is the program's error", async () => {
  const text = await load(
    await compileC('#include <stdio.h>\nint main() { puts("<html>\\n\\n"); return 0; }'),
    { settings: { mode: "cgi" } },
  );
  await assert.rejects(call(text), {
    code: "MOC_GUEST_ERROR",
    message: /"<html>", which is no header/,
  });
  const silent = await load(await compileC("int main() { return 0; }"), {
    settings: { mode: "cgi" },
  });
  await assert.rejects(call(silent), { code: "MOC_GUEST_ERROR", message: /ended without headers/ });
});

test("a reactor is started once, and prints to its log", async () => {
  const loaded = await load(
    await compileC(
      `#include <stdio.h>
static int started; __attribute__((constructor)) static void begin(void) { started += 40; }
__attribute__((export_name("handle"))) int handle(int n) { printf("got %d\\n", n); fflush(stdout); return started++ + n; }`,
      "-mexec-model=reactor",
    ),
  );
  for (let round = 0; round < 2; round++) {
    const { result, context } = await call(loaded, { args: [2] });
    assert.equal(result, 42);
    assert.deepEqual(context.logs, [{ level: "info", text: "got 2" }]);
    assert.equal(context.outputText(), "");
  }
});

test("input that arrives in pieces is read as it comes", async () => {
  const loaded = await load(
    await compileC(`#include <stdio.h>
int main() { char line[64]; while (fgets(line, 64, stdin)) printf("[%s]", line); return 0; }`),
  );
  const pieces = ["on", "e\ntw", "o\n", "three"].map((text) => utf8.encode(text));
  const base = makeTestContext({
    host: { streamRead: async () => pieces.shift(), streamClose: () => undefined },
  });
  const input = base.buffers.add(
    new StreamBuffer(base.host, { stream: 1, messages: false, headers: new Map(), wholeMax: 1000 }),
  );
  const context = { ...base, input };
  await loaded.run(context, toEntry({}));
  assert.equal(context.outputText(), "[one\n][two\n][three]");
});

test("what a program wrote is sent before it sleeps", async () => {
  const loaded = await load(
    await compileC(`#include <stdio.h>
#include <unistd.h>
int main() { for (int i = 0; i < 3; i++) { printf("tick %d\\n", i); fflush(stdout); usleep(1000); } return 0; }`),
  );
  const sent: string[] = [];
  const base = makeTestContext({
    host: {
      outputStart: (status: number) => void sent.push(String(status)),
      outputWrite: (bytes: Uint8Array) => void sent.push(new TextDecoder().decode(bytes)),
    },
  });
  const output = base.buffers.add(new OutputBuffer(base, base.budget, true, new Map()));
  await loaded.run({ ...base, output }, toEntry({}));
  assert.deepEqual(sent, ["200", "tick 0\n", "tick 1\n", "tick 2\n"]);
});
