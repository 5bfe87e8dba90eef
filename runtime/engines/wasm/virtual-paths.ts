import { wasi } from "@bjorn3/browser_wasi_shim";
import type { CallContext } from "../../guest-api/call-context.ts";
import { MocError } from "../../protocol/errors.ts";
import type { Descriptor } from "./wasi/descriptor.ts";
import { FileDescriptor } from "./wasi/file-descriptor.ts";
import { FileNode, FileTree } from "./wasi/file-tree.ts";
import { FILE_RIGHTS } from "./wasi/rights.ts";
import { SinkDescriptor, SourceDescriptor } from "./wasi/stream-descriptor.ts";
import { fail } from "./wasi/wasi-error.ts";

const PART_BYTES = 256 * 1024;

/** Libraries that clean paths (Go's does) leave one slash of two. */
const SPECIAL = /^(?:\.?\/+)?(api|https?):\/+(.*)$/s;

/**
 * Paths that are not of the file system: `api://input`, `api://output` and http(s) addresses.
 * undefined: a path like any other.
 */
export function openVirtualPath(
  context: CallContext,
  path: string,
  write: boolean,
): Descriptor | Promise<Descriptor> | undefined {
  const match = SPECIAL.exec(path);
  if (!match) return undefined;
  const [, scheme = "", rest = ""] = match;
  if (scheme !== "api") return openAddress(context, `${scheme}://${rest}`, write);
  if (rest === "output") return openOutput(context);
  if (rest === "input") return openInput(context, write);
  return fail(wasi.ERRNO_NOENT);
}

function openOutput(context: CallContext): Descriptor {
  const output = context.buffers.get(context.output);
  // Closing it does not end the output: what follows on stdout belongs to the answer too.
  return new SinkDescriptor({ write: (bytes) => output.write(bytes) });
}

/** The whole input, from its start, whatever was read of stdin; it can be read again and again. */
function openInput(context: CallContext, write: boolean): Descriptor | Promise<Descriptor> {
  if (write) return fail(wasi.ERRNO_ACCES);
  const content = context.buffers.get(context.input).read();
  const open = (bytes: Uint8Array | undefined) => {
    const data = new Uint8Array(bytes ?? []);
    const file = new FileNode(new FileTree(data.length), data);
    const readOnly = FILE_RIGHTS & ~BigInt(wasi.RIGHTS_FD_WRITE | wasi.RIGHTS_FD_ALLOCATE);
    return new FileDescriptor(file, readOnly & ~BigInt(wasi.RIGHTS_FD_FILESTAT_SET_SIZE));
  };
  return content instanceof Promise ? content.then(open) : open(content);
}

/** The body of what a GET answers, whatever its status, as the original has it. */
async function openAddress(context: CallContext, url: string, write: boolean): Promise<Descriptor> {
  if (write) return fail(wasi.ERRNO_ACCES);
  const { host } = context;
  try {
    const { stream } = await host.httpRequest({ method: "GET", url, headers: {} });
    return new SourceDescriptor({
      read: () => host.streamRead(stream, PART_BYTES),
      close: () => host.streamClose(stream),
    });
  } catch (error) {
    return refused(context, url, MocError.from(error));
  }
}

function refused(context: CallContext, url: string, error: MocError): never {
  if (context.signal.aborted) throw error;
  context.log("warn", `open ${url} failed: ${error.code}: ${error.message}`);
  return fail(error.code === "MOC_OUTBOUND_DENIED" ? wasi.ERRNO_ACCES : wasi.ERRNO_IO);
}
