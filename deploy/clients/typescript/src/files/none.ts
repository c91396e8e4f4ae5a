/** Where there are no paths: browsers, and workers at the edge. */
import { DovecoteError } from "../errors.js";

export async function fileAt(_path: string): Promise<{ blob: Blob; name: string }> {
  throw new DovecoteError("Only Node.js reads a file by its path; give a Blob or the bytes.");
}

export const STREAMS = false;
