/** Sends calls: the address, the key, and attempts until there is an answer. */
import { type Answer, type Whole, answer } from "./answer.js";
import { ApiError } from "./errors.js";
import { OPERATIONS } from "./generated/operations.js";
import { Listing } from "./listing.js";
import { persistently, RETRY, type RetryPolicy, Unanswered } from "./retrying.js";
import type { Operation, OperationId } from "./types.js";

export type { RetryPolicy } from "./retrying.js";

/** What may be said of any call. */
export interface CallOptions {
  /** Ends the call, its retries and its waits. */
  signal?: AbortSignal;
  /** A name of your own for what is to be done; made up otherwise. It is kept over all retries. */
  idempotencyKey?: string;
  /** How long one attempt may take. */
  timeoutMs?: number;
  retry?: Partial<RetryPolicy>;
  headers?: Record<string, string>;
}

/** What a call is about. */
export interface Sent {
  path?: Record<string, string | number>;
  query?: object;
  body?: unknown;
}

export interface Connection {
  baseUrl: string;
  apiKey: string | undefined;
  fetch: typeof fetch;
  timeoutMs: number;
  retry: Partial<RetryPolicy>;
}

export class Transport {
  constructor(readonly connection: Connection) {}

  /** Call an operation of the API by its id. */
  call<O extends OperationId>(id: O, sent: Sent = {}, options: CallOptions = {}): Answer<O> {
    return answer(this.whole<O>(OPERATIONS[id], sent, options));
  }

  /** The same for a list: its first page if awaited, all its items in a `for await`. */
  listing<O extends OperationId, Item>(id: O, sent: Sent, options?: CallOptions): Listing<O, Item> {
    const operation: Operation = OPERATIONS[id];
    const page = (query: object) => this.call(id, { ...sent, query }, options);
    return new Listing<O, Item>(page, { ...sent.query }, operation.items ?? "", operation.most);
  }

  private async whole<O extends OperationId>(
    operation: Operation,
    sent: Sent,
    options: CallOptions,
  ): Promise<Whole<O>> {
    const key = operation.keyed && (options.idempotencyKey ?? crypto.randomUUID());
    const request = this.request(operation, sent, options, key);
    const url = address(this.connection.baseUrl, operation.path, sent);
    const timeoutMs = options.timeoutMs ?? this.connection.timeoutMs;
    return persistently(
      () => this.attempt<O>(url, request, timeoutMs, options.signal, key),
      { ...RETRY, ...this.connection.retry, ...options.retry },
      {
        repeatable: operation.method === "GET" || key !== undefined,
        ...(key && { idempotencyKey: key }),
        ...(options.signal && { signal: options.signal }),
      },
    );
  }

  private request(
    operation: Operation,
    { body }: Sent,
    options: CallOptions,
    key: string | undefined,
  ): RequestInit {
    const headers = new Headers({ Accept: "application/json, */*;q=0.5", ...options.headers });
    if (this.connection.apiKey) headers.set("Authorization", `Bearer ${this.connection.apiKey}`);
    if (key) headers.set("Idempotency-Key", key);
    // A form names its own type, with the boundary that it chose; a Blob has its own too.
    const isWhole = body instanceof FormData || body instanceof Blob;
    if (body !== undefined && !isWhole) headers.set("Content-Type", "application/json");
    const sent = isWhole ? body : JSON.stringify(body);
    // A redirect would turn a POST into a GET, and show the key to another server.
    return { method: operation.method, headers, redirect: "manual", ...(body !== undefined && { body: sent }) };
  }

  private async attempt<O extends OperationId>(
    url: string,
    request: RequestInit,
    timeoutMs: number,
    signal: AbortSignal | undefined,
    key: string | undefined,
  ): Promise<Whole<O>> {
    const [response, text] = await answered(signal, timeoutMs, async (within) => {
      const response = await this.connection.fetch(url, { ...request, signal: within });
      return [response, await response.text()] as const;
    });
    const found = bodyOf(response, text);
    if (!response.ok) throw new ApiError(response, found, key);
    const { status, headers } = response;
    const { data, meta } = enveloped(found);
    return { data, meta, status, headers } as Whole<O>;
  }
}

/**
 * What `ask` gives, within this time. Throws the signal's reason if it was aborted, the server's
 * ApiError, and Unanswered if anything else failed.
 */
export async function answered<T>(
  signal: AbortSignal | undefined,
  timeoutMs: number,
  ask: (within: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    return await ask(signal ? AbortSignal.any([signal, limit]) : limit);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof ApiError) throw error;
    throw new Unanswered((error as Error).cause ?? error);
  }
}

function address(baseUrl: string, path: string, { path: names = {}, query = {} }: Sent): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(names[name])));
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== null) asked.set(name, String(value));
  return `${baseUrl}${filled}${asked.size ? `?${asked}` : ""}`;
}

/** JSON, or text. Throws Unanswered if it is neither, as it was cut off on its way. */
export function bodyOf(response: Response, text: string): unknown {
  if (!(response.headers.get("Content-Type") ?? "").includes("json")) return text;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Unanswered(error);
  }
}

function enveloped(found: unknown): { data: unknown; meta?: unknown } {
  return typeof found === "object" && found !== null && "data" in found ? found : { data: found };
}
