/** Sends the bytes of a file, and says how many have left. */
import { STREAMS } from "#files";
import type { Content } from "./source.js";

export interface Progress {
  sentBytes: number;
  totalBytes: number;
}

export interface Sending {
  fetch: typeof fetch;
  signal: AbortSignal;
  onProgress?: (progress: Progress) => void;
}

/** PUT the content to this address. */
export async function put(url: string, content: Content, sending: Sending): Promise<Response> {
  const told = (sentBytes: number) => sending.onProgress?.({ sentBytes, totalBytes: content.size });
  told(0);
  if (content.bytes instanceof Blob && sending.onProgress && typeof XMLHttpRequest !== "undefined")
    return putInBrowser(url, content, content.bytes, sending.signal, told);
  const streamed = STREAMS && (sending.onProgress || !(content.bytes instanceof Blob));
  const request = streamed ? stream(content, told) : { body: await whole(content.bytes) };
  const response = await sending.fetch(url, {
    method: "PUT",
    signal: sending.signal,
    redirect: "manual",
    ...request,
    headers: { "Content-Type": content.contentType, ...request.headers },
  });
  if (!streamed) told(content.size);
  return response;
}

/** A `fetch` has no news of what it sends, so the stream counts what is taken from it. */
function stream(content: Content, told: (sent: number) => void): RequestInit {
  const chunks = iterable(content.bytes)[Symbol.asyncIterator]();
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    async pull(to) {
      const { done, value } = await chunks.next();
      if (done) return to.close();
      sent += value.byteLength;
      to.enqueue(value);
      told(sent);
    },
    async cancel() {
      await chunks.return?.();
    },
  });
  // Node.js sends a stream in chunks unless its length is given; object storage refuses chunks.
  return { body, headers: { "Content-Length": String(content.size) }, duplex: "half" } as RequestInit;
}

function iterable(bytes: Content["bytes"]): AsyncIterable<Uint8Array> {
  // The types of browsers do not know it yet.
  return bytes instanceof Blob ? (bytes.stream() as unknown as AsyncIterable<Uint8Array>) : bytes;
}

async function whole(bytes: Content["bytes"]): Promise<Blob> {
  if (bytes instanceof Blob) return bytes;
  const chunks: BlobPart[] = [];
  for await (const chunk of bytes) chunks.push(chunk as BlobPart);
  return new Blob(chunks);
}

function putInBrowser(
  url: string,
  content: Content,
  bytes: Blob,
  signal: AbortSignal,
  told: (sent: number) => void,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", url);
    request.setRequestHeader("Content-Type", content.contentType);
    request.upload.onprogress = ({ loaded }) => told(Math.min(loaded, content.size));
    request.onerror = () => reject(new TypeError("The upload was cut off."));
    request.onabort = () => reject(signal.reason);
    request.onload = () => resolve(responseOf(request));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(bytes);
  });
}

function responseOf(request: XMLHttpRequest): Response {
  const lines = request.getAllResponseHeaders().trim().split(/\r?\n/);
  const headers = new Headers(lines.map((line) => line.split(/:\s*(.*)/s, 2) as [string, string]));
  const { status } = request;
  return new Response(status === 204 ? null : request.responseText, { status, headers });
}
