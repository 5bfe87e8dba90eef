import { wasi } from "@bjorn3/browser_wasi_shim";
import type { WasiProcess } from "./process.ts";
import { fail } from "./wasi-error.ts";
import type { WasiFunction, WasiFunctions } from "./wasi-function.ts";

/** No descriptor of ours is a socket; programs reach the network through http paths and the guest API. */
function notSocket(params: string): WasiFunction {
  return {
    params,
    run(process: WasiProcess, fd) {
      process.descriptors.get(Number(fd));
      fail(wasi.ERRNO_NOTSOCK);
    },
  };
}

/** `sock_*`: all answer that there are no sockets. */
export const socketFunctions: WasiFunctions = {
  sock_accept: notSocket("iii"),
  sock_recv: notSocket("iiiiii"),
  sock_send: notSocket("iiiii"),
  sock_shutdown: notSocket("ii"),
};
