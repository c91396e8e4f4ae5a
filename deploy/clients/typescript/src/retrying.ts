/** When a call is sent again, and how long it waits until then. */
import { ApiError, ConnectionError, DovecoteError } from "./errors.js";

export interface RetryPolicy {
  /** How often a call is sent again at most. */
  retries: number;
  /** No attempt begins later than this after the first; a longer wait is not begun. */
  totalMs: number;
  /** The first pause; each is twice the one before, less up to half of it by chance. */
  pauseMs: number;
  longestPauseMs: number;
}

export const RETRY: Readonly<RetryPolicy> = {
  retries: 5,
  totalMs: 120_000,
  pauseMs: 400,
  longestPauseMs: 10_000,
};

/** No readable answer came of one attempt. */
export class Unanswered extends DovecoteError {
  constructor(override readonly cause: unknown) {
    super(String(cause));
  }
}

/**
 * The answer of the first attempt that has one. Throws its ApiError, or a ConnectionError.
 *
 * `repeatable`: doing it twice is as good as once, by its nature or by its Idempotency-Key.
 */
export async function persistently<T>(
  attempt: () => Promise<T>,
  policy: RetryPolicy,
  given: { repeatable: boolean; idempotencyKey?: string; signal?: AbortSignal },
): Promise<T> {
  const began = Date.now();
  for (let sent = 1; ; sent++) {
    try {
      return await attempt();
    } catch (error) {
      const wait = pause(error, sent, policy);
      const again = error instanceof Unanswered ? given.repeatable : isRetryable(error);
      if (!again || sent > policy.retries || Date.now() - began + wait > policy.totalMs)
        throw error instanceof Unanswered ? gaveUp(error, sent, given.idempotencyKey) : error;
      await sleep(wait, given.signal);
    }
  }
}

/** Resolves after this time. Throws the signal's reason as soon as it is aborted. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}

function isRetryable(error: unknown): boolean {
  return error instanceof ApiError && error.retryable;
}

function pause(error: unknown, sent: number, policy: RetryPolicy): number {
  const most = Math.min(policy.pauseMs * 2 ** (sent - 1), policy.longestPauseMs);
  const jittered = most * (0.5 + Math.random() / 2);
  const asked = error instanceof ApiError ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
  // Never sooner than asked, and not all clients in the same moment.
  return asked ? asked + Math.random() * policy.pauseMs : jittered;
}

function gaveUp(error: Unanswered, sent: number, key: string | undefined): ConnectionError {
  const told = `No answer to ${sent === 1 ? "1 request" : `${sent} requests`}: ${error.message}`;
  return new ConnectionError(told, sent, key, error.cause);
}
