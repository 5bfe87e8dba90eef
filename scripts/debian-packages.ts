/** What the tests use beside npm packages, installed where that is allowed. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** Package -> a file it brings. Compilers of the languages, a browser, and what a real editor needs. */
const PACKAGES: Readonly<Record<string, string>> = {
  chromium: "/usr/bin/chromium",
  clang: "/usr/bin/clang",
  lld: "/usr/bin/wasm-ld",
  "wasi-libc": "/usr/include/wasm32-wasi/stdio.h",
  "libclang-rt-14-dev-wasm32":
    "/usr/lib/llvm-14/lib/clang/14.0.6/lib/wasi/libclang_rt.builtins-wasm32.a",
  rustc: "/usr/bin/rustc",
  cargo: "/usr/bin/cargo",
  "libstd-rust-dev-wasm32": "/usr/lib/rustlib/wasm32-unknown-unknown",
  "pkg-config": "/usr/bin/pkg-config",
  "libkrb5-dev": "/usr/include/krb5.h",
  "libx11-dev": "/usr/include/X11/Xlib.h",
  "libxkbfile-dev": "/usr/include/X11/extensions/XKBfile.h",
  "libsecret-1-dev": "/usr/include/libsecret-1/libsecret/secret.h",
};

/** Installs the missing ones as root on Debian; elsewhere says what is missing and goes on. */
export async function installDebianPackages(): Promise<void> {
  const missing = Object.entries(PACKAGES)
    .filter(([, file]) => !existsSync(file))
    .map(([name]) => name);
  if (missing.length === 0) return;
  const possible =
    process.platform === "linux" && existsSync("/usr/bin/apt-get") && process.getuid?.() === 0;
  if (!possible) {
    console.log(
      `Not installed here: ${missing.join(", ")}. Tests that need them are skipped and say so.`,
    );
    return;
  }
  console.log(`Installing ${missing.join(", ")} …`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const quiet = { stdio: ["ignore", "ignore", "inherit"] as ["ignore", "ignore", "inherit"], env };
  spawnSync("apt-get", ["update", "-qq"], quiet);
  const done = spawnSync(
    "apt-get",
    ["install", "-y", "-qq", "--no-install-recommends", ...missing],
    quiet,
  );
  if (done.status !== 0) {
    console.log(
      "apt-get could not install all of them. Tests that need what is missing are skipped and say so.",
    );
  }
}
