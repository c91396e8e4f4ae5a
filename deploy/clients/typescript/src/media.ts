import { ApiError, MediaFailedError } from "./errors.js";
import { MediaCalls } from "./generated/resources.js";
import { persistently, RETRY, sleep } from "./retrying.js";
import { answered, bodyOf, type CallOptions } from "./transport.js";
import type { Body, Data } from "./types.js";
import { type Progress, put } from "./upload/send.js";
import { contentOf, type Content, type Facts, type Source } from "./upload/source.js";

type File = Data<"get_media">;
type Given = Omit<CallOptions, "idempotencyKey">;

export interface Uploading extends Facts, Given {
  /** Called with how much has left; begins anew if the bytes are sent again. */
  onProgress?: (progress: Progress) => void;
  /** How long sending the bytes may take: 30 minutes. */
  sendingMs?: number;
}

export interface Fetching extends Given {
  filename?: string;
  /** How long to wait until the file is there: 5 minutes. */
  waitMs?: number;
}

const SENDING_MS = 30 * 60_000;
const FETCHING_MS = 5 * 60_000;
const LONGEST_PAUSE_MS = 5_000;

/** Files for posts. */
export class Media extends MediaCalls {
  /**
   * Upload a file; its `media_id` goes into `media_ids` of posts. Names and types are taken from
   * paths and Files. Throws ApiError if the file is refused, too large or not what it says.
   */
  async upload(source: Source, uploading: Uploading = {}): Promise<Data<"complete_upload">> {
    const content = await contentOf(source, uploading);
    const { filename, contentType, size } = content;
    const options = given(uploading);
    const place = await this.createUpload({ filename, content_type: contentType, size }, options);
    await this.send(place.upload_url, content, uploading);
    return this.completeUpload(place.media_id, options);
  }

  /**
   * Have the server fetch a file from a public address, and wait until it is ready. Throws
   * MediaFailedError if it cannot be used, or is not there in time: then `ready` waits on.
   */
  async fromUrl(url: string, fetching: Fetching = {}): Promise<File> {
    const wanted: Body<"upload_from_url"> = { url };
    if (fetching.filename !== undefined) wanted.filename = fetching.filename;
    const { media_id } = await this.uploadFromUrl(wanted, given(fetching));
    return this.ready(media_id, fetching);
  }

  /** The file, once it can be attached to posts. Throws MediaFailedError as `fromUrl` does. */
  async ready(mediaId: string, fetching: Omit<Fetching, "filename"> = {}): Promise<File> {
    const until = Date.now() + (fetching.waitMs ?? FETCHING_MS);
    for (let pause = 250; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS)) {
      const file = await this.get(mediaId, given(fetching));
      if (file.status === "ready") return file;
      if (file.status === "failed")
        throw new MediaFailedError(file.error_message || "The file failed.", mediaId, file.status);
      if (Date.now() + pause > until)
        throw new MediaFailedError("The file is not ready yet.", mediaId, file.status);
      await sleep(pause, fetching.signal);
    }
  }

  private async send(url: string, content: Content, uploading: Uploading): Promise<void> {
    const { signal, onProgress, sendingMs = SENDING_MS } = uploading;
    const { retry, fetch } = this.transport.connection;
    const attempt = () =>
      answered(signal, sendingMs, async (within) => {
        const sending = { fetch, signal: within, ...(onProgress && { onProgress }) };
        const response = await put(url, content, sending);
        const text = await response.text();
        if (!response.ok) throw new ApiError(response, bodyOf(response, text));
      });
    await persistently(attempt, { ...RETRY, ...retry, ...uploading.retry }, {
      repeatable: content.bytes instanceof Blob,
      ...(signal && { signal }),
    });
  }
}

function given({ signal, timeoutMs, retry, headers }: Given): Given {
  return {
    ...(signal && { signal }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(retry && { retry }),
    ...(headers && { headers }),
  };
}
