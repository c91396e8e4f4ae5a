/** What can be uploaded, brought into one form. */
import { fileAt } from "#files";
import { DovecoteError } from "../errors.js";
import type { CreateUpload } from "../generated/schema.js";

/** A path (in Node.js), a Blob or File, bytes, or a stream, whose size must be given. */
export type Source = string | Blob | ArrayBuffer | Uint8Array | AsyncIterable<Uint8Array>;
export type ContentType = CreateUpload["content_type"];

export interface Facts {
  filename?: string;
  contentType?: ContentType;
  /** Bytes; needed for streams only. */
  size?: number;
}

/** The bytes to send. A stream can be sent once; a Blob any number of times. */
export interface Content {
  filename: string;
  contentType: ContentType;
  size: number;
  bytes: Blob | AsyncIterable<Uint8Array>;
}

const TYPES: Readonly<Record<string, ContentType>> = {
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  png: "image/png",
  gif: "image/gif",
  webp: "image/webp",
  mp4: "video/mp4",
  mov: "video/quicktime",
  pdf: "application/pdf",
};

/** Throws DovecoteError if its type or its size is not known. */
export async function contentOf(source: Source, facts: Facts): Promise<Content> {
  const { bytes, name } = await opened(source);
  const filename = facts.filename ?? name ?? "upload";
  const size = bytes instanceof Blob ? bytes.size : facts.size;
  if (size === undefined) throw new DovecoteError("Give the size of what a stream will send.");
  return { filename, contentType: facts.contentType ?? typeOf(filename, bytes), size, bytes };
}

async function opened(source: Source): Promise<{ bytes: Content["bytes"]; name?: string }> {
  if (typeof source === "string") {
    const { blob, name } = await fileAt(source);
    return { bytes: blob, name };
  }
  if (source instanceof Blob)
    return { bytes: source, ...("name" in source && { name: String(source.name) }) };
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source))
    return { bytes: new Blob([source as BlobPart]) };
  return { bytes: source };
}

function typeOf(filename: string, bytes: Content["bytes"]): ContentType {
  const given = bytes instanceof Blob ? bytes.type : "";
  const known = TYPES[filename.split(".").pop()?.toLowerCase() ?? ""];
  const found = Object.values(TYPES).find((type) => type === given) ?? known;
  if (!found) throw new DovecoteError(`Give the contentType of ${filename}.`);
  return found;
}
