/** Writes to a stream; settles when it took the bytes. A reader that went away is no error. */
export function writeAll(stream: NodeJS.WriteStream, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    // The guest may reuse its memory as soon as the write is answered.
    stream.write(bytes.slice(), (error) => {
      if (!error || (error as NodeJS.ErrnoException).code === "EPIPE") resolve();
      else reject(error);
    });
  });
}
