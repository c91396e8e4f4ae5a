// Calls against a server that fails, with quick retries.
import { Dovecote } from "dovecote-client";
import { given, say, thrown } from "./given.js";

const dovecote = new Dovecote({ retry: { pauseMs: 20, ...given.retry } });
const PLAYS = {
  create: () =>
    dovecote.posts.create({ content: given.content, account_ids: given.accounts }, given.options),
  me: () => dovecote.me.get(given.options),
  login: () => dovecote.auth.startDeviceLogin({}),
  /** The signal ends the wait for the next attempt. */
  abort: () => dovecote.me.get({ signal: AbortSignal.timeout(200) }),
  async list() {
    const found = await dovecote.posts.list({ limit: 2 }).toArray();
    return found.map((post) => post.content);
  },
  async upload() {
    const sent: number[] = [];
    const bytes = new Blob([new Uint8Array(given.size)], { type: "image/png" });
    const onProgress = (seen: { sentBytes: number }) => sent.push(seen.sentBytes);
    return { file: await dovecote.media.upload(bytes, { onProgress }), sent };
  },
};

const began = Date.now();
const told = await thrown(PLAYS[given.play as keyof typeof PLAYS]());
say({ ...told, seconds: (Date.now() - began) / 1000 });
