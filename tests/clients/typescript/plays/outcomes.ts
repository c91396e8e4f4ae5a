// Waits for posts that do not simply get published, and does what their outcomes ask for.
import { Dovecote } from "dovecote-client";
import { given, say, thrown } from "./given.js";

const dovecote = new Dovecote();
const PLAYS = {
  async waits() {
    return dovecote.posts.wait(given.post, { timeoutMs: given.timeoutMs });
  },
  async retries() {
    const { retried_count } = await dovecote.posts.retry(given.post);
    return { retried_count, after: await dovecote.posts.wait(given.post) };
  },
  /** A retry leaves it out and says why; a person who has looked resolves it. */
  async resolves() {
    const retried = await dovecote.posts.retry(given.post).withMeta();
    const before = await dovecote.posts.wait({ post_id: given.post });
    const [doubted] = before.mayBeLive;
    await dovecote.posts.resolve(given.post, doubted!.destinationId, {
      outcome: "published",
      platform_post_url: given.link,
      seen_attempts: doubted!.attempts,
    });
    return { skipped: retried.meta.skipped, before, after: await dovecote.posts.wait(given.post) };
  },
  async aborts() {
    const signal = AbortSignal.timeout(300);
    return thrown(dovecote.posts.wait(given.post, { signal }));
  },
  async refuses() {
    const long = { content: "long".repeat(100), account_ids: given.accounts };
    const strange = new Dovecote({ apiKey: `pe_live_${"0".repeat(32)}` });
    return [
      await thrown(dovecote.posts.create(long)),
      await thrown(strange.me.get()),
      await thrown(dovecote.posts.wait("post_1")),
    ];
  },
};

say(await PLAYS[given.play as keyof typeof PLAYS]());
