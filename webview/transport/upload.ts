/** What came back for an upload. */
interface Uploaded {
  readonly status: number;
  readonly text: string;
}

interface UploadOptions {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent from where it lies, without being read into memory. */
  readonly body: Blob;
  /** Told how many bytes have gone out, and of how many. */
  readonly progress: (done: number, total: number) => void;
}

/**
 * Sends a file. `fetch` does not tell how far an upload is, this old interface does.
 * @throws TypeError the connection was lost
 */
export function upload(url: string, options: UploadOptions): Promise<Uploaded> {
  const { method, headers, body, progress } = options;
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded }) => progress(loaded, body.size);
    request.onload = () => resolve({ status: request.status, text: request.responseText });
    request.onerror = () => reject(new TypeError("the connection was lost"));
    request.send(body);
  });
}
