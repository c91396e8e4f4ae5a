import { DovecoteError } from "./errors.js";
import { Resources } from "./generated/resources.js";
import { Imports } from "./imports.js";
import { Media } from "./media.js";
import { Posts } from "./posts.js";
import { type Connection, type RetryPolicy, Transport } from "./transport.js";

export interface Settings {
  /** Where Dovecote is, without `/api/v1`; the environment's DOVECOTE_URL otherwise. */
  baseUrl?: string | undefined;
  /** The environment's DOVECOTE_API_KEY otherwise. Logging in from a terminal needs none. */
  apiKey?: string | undefined;
  /** How long one attempt of a call may take: 120 seconds, as drawing an image may take that long. */
  timeoutMs?: number;
  /** When calls are sent again; see RetryPolicy. */
  retry?: Partial<RetryPolicy>;
  /** Another `fetch`, such as one that uses a proxy. */
  fetch?: typeof fetch;
}

const TIMEOUT_MS = 120_000;

/** A Dovecote, as one API key sees it. */
export class Dovecote extends Resources {
  override readonly posts: Posts;
  override readonly media: Media;
  override readonly imports: Imports;

  /** Throws DovecoteError if no address is given. */
  constructor(settings: Settings = {}) {
    const transport = new Transport(connection(settings));
    super(transport);
    this.posts = new Posts(transport);
    this.media = new Media(transport);
    this.imports = new Imports(transport);
  }
}

function connection(settings: Settings): Connection {
  const baseUrl = settings.baseUrl ?? environment("DOVECOTE_URL");
  if (!baseUrl) throw new DovecoteError("Give the address of Dovecote: baseUrl, or DOVECOTE_URL.");
  return {
    baseUrl: baseUrl.replace(/\/+$/, "").replace(/\/api\/v1$/, ""),
    apiKey: settings.apiKey ?? environment("DOVECOTE_API_KEY"),
    timeoutMs: settings.timeoutMs ?? TIMEOUT_MS,
    retry: settings.retry ?? {},
    // Browsers refuse a `fetch` that is called as another object's method.
    fetch: settings.fetch ?? ((...request) => fetch(...request)),
  };
}

function environment(name: string): string | undefined {
  return typeof process === "undefined" ? undefined : process.env?.[name];
}
