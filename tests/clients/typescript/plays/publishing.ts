// Uploads a picture by its path and a video as a stream, publishes both, and waits.
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Dovecote, type Progress } from "dovecote-client";
import { given, say } from "./given.js";

const dovecote = new Dovecote();
const progress: Record<"picture" | "video", Progress[]> = { picture: [], video: [] };
const picture = await dovecote.media.upload("picture.jpg", {
  onProgress: (seen) => progress.picture.push(seen),
});
const video = await dovecote.media.upload(createReadStream("video.mp4"), {
  filename: "video.mp4",
  size: (await stat("video.mp4")).size,
  onProgress: (seen) => progress.video.push(seen),
});
const bytes = await dovecote.media.upload(new Uint8Array(given.bytes), { filename: "bytes.png" });
const fetched = await dovecote.media.fromUrl(given.address, { filename: "fetched.png" });

const changes: number[] = [];
const outcomes = await dovecote.posts.createAndWait(
  {
    content: "Pigeons from TypeScript",
    account_ids: given.accounts,
    media_ids: [picture.media_id, video.media_id],
  },
  { timeoutMs: 90_000, onChange: (seen) => changes.push(seen.published.length) },
);
const listed = await dovecote.media.list({ limit: 1 }).toArray();
say({
  outcomes,
  changes,
  progress,
  ready: [bytes.status, fetched.status, fetched.filename],
  listed: listed.map((file) => file.media_id),
  uploaded: [fetched, bytes, video, picture].map((file) => file.media_id),
});
