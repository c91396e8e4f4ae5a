import { PostsCalls } from "./generated/resources.js";
import { atOnce, type ImportOutcome, Imports, type WaitingForImport } from "./imports.js";
import type { CallOptions } from "./transport.js";
import type { Body, Query } from "./types.js";
import { type Outcomes, type Waiting, waited } from "./wait.js";

/** Posts, and what became of them. */
export class Posts extends PostsCalls {
  /**
   * Wait until each destination of a post is published, has failed for good, or may be live; what
   * is none of these when time is up is `pending`. It throws for none of them.
   */
  wait(post: string | { post_id: string }, waiting: Waiting = {}): Promise<Outcomes> {
    const postId = typeof post === "string" ? post : post.post_id;
    return waited(postId, (options) => this.results(postId, options).withMeta(), waiting);
  }

  /** Create a post and wait for its outcomes. */
  async createAndWait(
    body: Body<"create_post">,
    waiting: Waiting & Pick<CallOptions, "idempotencyKey"> = {},
  ): Promise<Outcomes> {
    const { idempotencyKey, signal, retry, headers } = waiting;
    const options: CallOptions = {
      ...(idempotencyKey !== undefined && { idempotencyKey }),
      ...(signal && { signal }),
      ...(retry && { retry }),
      ...(headers && { headers }),
    };
    return this.wait(await this.create(body, options), waiting);
  }

  /**
   * Import a file, and wait for its outcome: workers import more than 500 rows, or rows with
   * `media_urls`. `posts.import` does not wait.
   */
  async importFile(
    file: Body<"import_posts">,
    query: Query<"import_posts"> = {},
    waiting: WaitingForImport & Pick<CallOptions, "idempotencyKey"> = {},
  ): Promise<ImportOutcome> {
    const { timeoutMs: _, onProgress: __, ...options } = waiting;
    const found = await this.import(file, query, options);
    if (!("import_id" in found)) return atOnce(found);
    const { idempotencyKey: ___, ...waitingOnly } = waiting;
    return new Imports(this.transport).wait(found.import_id, waitingOnly);
  }
}
