/** Files by their path, in Node.js. */
import { openAsBlob } from "node:fs";
import { basename } from "node:path";

/** The file, which is read when it is sent and never held in memory as a whole. */
export async function fileAt(path: string): Promise<{ blob: Blob; name: string }> {
  return { blob: await openAsBlob(path), name: basename(path) };
}

/** Whether `fetch` sends a stream of a known length as one. */
export const STREAMS = true;
