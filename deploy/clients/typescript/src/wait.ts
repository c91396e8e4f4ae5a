/** What became of a post, destination by destination. */
import { ApiError, type Actor, ConnectionError } from "./errors.js";
import type { Result, ResultError, ResultsMeta } from "./generated/schema.js";
import { sleep } from "./retrying.js";
import type { CallOptions } from "./transport.js";

interface Destination {
  destinationId: string;
  platform: string;
  accountId: number;
  accountName: string;
  attempts: number;
}

/** Why it is not published, and who must act. */
interface Reason {
  /** For people to read. */
  error: string;
  code: ResultError["error_code"] | (string & {});
  actor: Actor;
  /** What they must do, for people to read. */
  toDo: string;
}

interface Published extends Destination {
  outcome: "published";
  /** Null if the network shows none. */
  url: string | null;
  platformPostId: string | null;
  publishedAt: string | null;
}

/** Nothing more happens by itself. */
interface Failed extends Destination, Reason {
  outcome: "failed";
}

/**
 * It was sent, and no one can say whether it is public: look at the account, then report what you
 * saw by `posts.resolve`. Sending it again might publish it twice.
 */
interface MayBeLive extends Destination, Reason {
  outcome: "may_be_live";
}

/** It was not over when the wait was. */
interface Pending extends Destination {
  outcome: "pending";
  status: Result["status"];
  /** The last error, if it waits for a retry. */
  error: string | null;
  nextRetryAt: string | null;
  /** The operator's pause that it waits for. */
  paused: string | null;
}

/** What became of one destination; `outcome` tells them apart. */
export type Outcome = Published | Failed | MayBeLive | Pending;
/** Those with this outcome. */
export type OutcomeOf<Name extends Outcome["outcome"]> = Extract<Outcome, { outcome: Name }>;

export interface Outcomes {
  postId: string;
  /** In the order of the post's accounts. */
  destinations: Outcome[];
  published: Published[];
  failed: Failed[];
  mayBeLive: MayBeLive[];
  pending: Pending[];
  /** Nothing is pending. */
  settled: boolean;
  /** Every destination is published. */
  allPublished: boolean;
}

export interface Waiting extends Omit<CallOptions, "idempotencyKey" | "timeoutMs"> {
  /** How long to wait: 2 minutes. What is not over then is `pending`. */
  timeoutMs?: number;
  /** Called whenever something has changed. */
  onChange?: (outcomes: Outcomes) => void;
}

export interface Read {
  data: Result[];
  meta: ResultsMeta;
}

const TIMEOUT_MS = 120_000;
const FIRST_PAUSE_MS = 500;
/** Twelve a minute: a key may make sixty calls. */
const LONGEST_PAUSE_MS = 5_000;

/**
 * The outcomes once all are known, or those of the last look when time is up. Throws what `read`
 * throws if the server refuses, or if it never answered.
 */
export async function waited(
  postId: string,
  read: (options: CallOptions) => Promise<Read>,
  waiting: Waiting,
): Promise<Outcomes> {
  const { timeoutMs = TIMEOUT_MS, signal, onChange, ...options } = waiting;
  const until = Date.now() + timeoutMs;
  let seen: Outcomes | undefined;
  let seenAs = "";
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS)) {
    const left = Math.max(until - Date.now(), FIRST_PAUSE_MS);
    try {
      const retry = { ...options.retry, totalMs: left };
      const found = await read({ ...options, ...(signal && { signal }), timeoutMs: left, retry });
      seen = outcomesOf(postId, found);
      const now = JSON.stringify(seen.destinations);
      if (now !== seenAs) onChange?.(seen);
      seenAs = now;
    } catch (error) {
      if (!isPassing(error) || (seen === undefined && Date.now() >= until)) throw error;
    }
    if (seen && (seen.settled || Date.now() >= until)) return seen;
    await sleep(Math.max(0, Math.min(pause, until - Date.now())), signal);
  }
}

function isPassing(error: unknown): boolean {
  return error instanceof ConnectionError || (error instanceof ApiError && error.retryable);
}

export function outcomesOf(postId: string, { data, meta }: Read): Outcomes {
  const destinations = data.map((result) => outcomeOf(result, meta));
  const having = <Name extends Outcome["outcome"]>(name: Name) =>
    destinations.filter((each): each is OutcomeOf<Name> => each.outcome === name);
  const [published, pending] = [having("published"), having("pending")];
  return {
    postId,
    destinations,
    published,
    failed: having("failed"),
    mayBeLive: having("may_be_live"),
    pending,
    // A draft may have no destinations yet: it is not over, it has not begun.
    settled: destinations.length > 0 && pending.length === 0,
    allPublished: destinations.length > 0 && published.length === destinations.length,
  };
}

function outcomeOf(result: Result, meta: ResultsMeta): Outcome {
  const destination = {
    destinationId: result.id,
    platform: result.platform,
    accountId: result.account_id,
    accountName: result.account_name,
    attempts: result.attempts,
  };
  if (result.status === "published")
    return {
      ...destination,
      outcome: "published",
      url: result.platform_post_url,
      platformPostId: result.platform_post_id,
      publishedAt: result.published_at,
    };
  const why = meta.errors?.find((each) => each.destination_id === result.id);
  if (result.status === "failed" && result.next_retry_at === null)
    return { ...destination, outcome: why?.may_be_live ? "may_be_live" : "failed", ...reason(result, why) };
  const paused = meta.publishing_paused?.find((each) => each.destination_id === result.id);
  return {
    ...destination,
    outcome: "pending",
    status: result.status,
    error: result.error,
    nextRetryAt: result.next_retry_at,
    paused: paused ? paused.notice || `Publishing is paused: ${paused.scope}.` : null,
  };
}

function reason(result: Result, why: ResultError | undefined): Reason {
  return {
    error: result.error ?? "",
    code: why?.error_code ?? "unknown",
    actor: why?.actor ?? "customer",
    toDo: why?.to_do ?? "",
  };
}
