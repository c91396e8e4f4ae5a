import { ACTORS } from "./generated/operations.js";
import type { ErrorObject, ResultError } from "./generated/schema.js";

/** Who can make the next attempt succeed; `nobody`: waiting does. */
export type Actor = ResultError["actor"];
/** A stable code of the API. Servers newer than this client may have more. */
export type ErrorCode = ErrorObject["code"] | (string & {});

/** Everything that this client throws, but for aborts, which throw the signal's reason. */
export class DovecoteError extends Error {
  override readonly name: string = "DovecoteError";
}

/** The server answered, and refused: nothing was stored. */
export class ApiError extends DovecoteError {
  override readonly name = "ApiError";
  readonly status: number;
  readonly code: ErrorCode;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  readonly details: Readonly<Record<string, unknown>>;
  /** Names the request in the server's logs. */
  readonly requestId: string | undefined;
  /** After how many seconds to ask again, if the server said so. */
  readonly retryAfterSeconds: number | undefined;
  /** Send it again with this key, and it is not done twice. */
  readonly idempotencyKey: string | undefined;
  /** The whole answer: JSON if it was any, else text. */
  readonly answer: unknown;

  constructor(response: Response, answer: unknown, idempotencyKey?: string) {
    const told = errorIn(answer);
    super(told?.message ?? `The server answered ${response.status}.`);
    this.status = response.status;
    this.code = told?.code ?? `http_${response.status}`;
    this.retryable = told?.retryable ?? [408, 429, 502, 503, 504].includes(response.status);
    this.details = told?.details ?? {};
    this.requestId = response.headers.get("X-Request-Id") ?? undefined;
    this.retryAfterSeconds = seconds(response.headers.get("Retry-After"));
    this.idempotencyKey = idempotencyKey;
    this.answer = answer;
  }

  /** Who must act. */
  get actor(): Actor {
    if ("setting" in this.details) return "operator";
    return ACTORS[this.code] ?? (this.retryable ? "nobody" : this.status < 500 ? "customer" : "operator");
  }
}

/** Whether the server refused, with this code if one is given. */
export function isApiError(error: unknown, code?: ErrorObject["code"]): error is ApiError {
  return error instanceof ApiError && (code === undefined || error.code === code);
}

/** No readable answer came, however often it was asked. What was to be done may have been done. */
export class ConnectionError extends DovecoteError {
  override readonly name = "ConnectionError";
  constructor(
    message: string,
    /** How often it was sent. */
    readonly attempts: number,
    /** Send it again with this key, and it is not done twice. */
    readonly idempotencyKey: string | undefined,
    override readonly cause: unknown,
  ) {
    super(message, { cause });
  }
}

/** A file cannot be used, or was not ready in time. */
export class MediaFailedError extends DovecoteError {
  override readonly name = "MediaFailedError";
  constructor(
    message: string,
    readonly mediaId: string,
    readonly status: string,
  ) {
    super(message);
  }
}

/** Not from this Dovecote, changed on its way, or too old. */
export class WebhookVerificationError extends DovecoteError {
  override readonly name = "WebhookVerificationError";
}

function errorIn(answer: unknown): Partial<ErrorObject> | undefined {
  const error = (answer as { error?: unknown } | null | undefined)?.error;
  return typeof error === "object" && error !== null ? error : undefined;
}

function seconds(header: string | null): number | undefined {
  return header !== null && /^\d+$/.test(header) ? Number(header) : undefined;
}
