/** Whether a delivery comes from the Dovecote that shares the secret. */
import { WebhookVerificationError } from "../errors.js";
import type { ReceivedEvent } from "./events.js";

export interface Verifying {
  /**
   * `standard`: Standard Webhooks, which signs id, time and body. `posteverywhere`: the original
   * service's, which signs the body alone, so that an old delivery can be sent again by others.
   */
  scheme?: "standard" | "posteverywhere";
  /** How much older or newer than now it may be: 300 seconds. */
  toleranceSeconds?: number;
  now?: Date;
}

/** Of a request: `Headers`, or an object such as Node's `request.headers`. */
export type HeadersLike = Headers | Record<string, string | string[] | undefined>;
type Bytes = Uint8Array<ArrayBuffer>;

const PREFIX = "whsec_";
const TOLERANCE_SECONDS = 300;

/**
 * The event of a delivery. `body` must be as it was received, byte for byte: parsed and written
 * anew it has another signature. Several secrets are tried while one is being replaced. Throws
 * WebhookVerificationError.
 */
export async function verifyWebhook(
  secret: string | readonly string[],
  body: string | Uint8Array | ArrayBuffer,
  headers: HeadersLike,
  verifying: Verifying = {},
): Promise<ReceivedEvent> {
  const bytes = bytesOf(body);
  const secrets = typeof secret === "string" ? [secret] : secret;
  const is = verifying.scheme === "posteverywhere" ? signedByBody : signedByStandard;
  const at = header(headers, verifying.scheme === "posteverywhere" ? "x-posteverywhere-timestamp" : "webhook-timestamp");
  assertRecent(at, verifying);
  if (!(await is(secrets, bytes, headers)))
    throw new WebhookVerificationError("No signature of this delivery is right.");
  return JSON.parse(new TextDecoder().decode(bytes)) as ReceivedEvent;
}

async function signedByStandard(secrets: readonly string[], body: Bytes, headers: HeadersLike): Promise<boolean> {
  const before = bytesOf(`${header(headers, "webhook-id")}.${header(headers, "webhook-timestamp")}.`);
  const signed = new Uint8Array(before.length + body.length);
  signed.set(before);
  signed.set(body, before.length);
  const given = header(headers, "webhook-signature").split(" ");
  const signatures = given.filter((each) => each.startsWith("v1,")).map((each) => fromBase64(each.slice(3)));
  return anyMatches(secrets.map((each) => fromBase64(each.replace(PREFIX, ""))), signatures, signed);
}

async function signedByBody(secrets: readonly string[], body: Bytes, headers: HeadersLike): Promise<boolean> {
  const hex = /^sha256=([0-9a-f]{64})$/.exec(header(headers, "x-posteverywhere-signature"))?.[1];
  const signature = Uint8Array.from(hex?.match(/../g) ?? [], (each) => Number.parseInt(each, 16));
  return anyMatches(secrets.map(bytesOf), [signature], body);
}

async function anyMatches(keys: Bytes[], signatures: Bytes[], signed: Bytes): Promise<boolean> {
  for (const bytes of keys) {
    const algorithm = { name: "HMAC", hash: "SHA-256" };
    const key = await crypto.subtle.importKey("raw", bytes, algorithm, false, ["verify"]);
    // In constant time, so that how long it takes does not tell how much is right.
    for (const signature of signatures)
      if (await crypto.subtle.verify("HMAC", key, signature, signed)) return true;
  }
  return false;
}

function assertRecent(at: string, { toleranceSeconds = TOLERANCE_SECONDS, now = new Date() }: Verifying): void {
  const apart = Math.abs(now.getTime() / 1000 - Number(at));
  if (!/^\d+$/.test(at) || apart > toleranceSeconds)
    throw new WebhookVerificationError("This delivery is too old, or is from the future.");
}

function header(headers: HeadersLike, name: string): string {
  const found = headers instanceof Headers ? headers.get(name) : ofObject(headers, name);
  if (typeof found !== "string") throw new WebhookVerificationError(`There is no header ${name}.`);
  return found;
}

function ofObject(headers: Record<string, string | string[] | undefined>, name: string): unknown {
  return Object.entries(headers).find(([each]) => each.toLowerCase() === name)?.[1];
}

function bytesOf(body: string | Uint8Array | ArrayBuffer): Bytes {
  return (typeof body === "string" ? new TextEncoder().encode(body) : new Uint8Array(body)) as Bytes;
}

function fromBase64(text: string): Bytes {
  try {
    return Uint8Array.from(atob(text), (each) => each.charCodeAt(0));
  } catch (error) {
    throw new WebhookVerificationError("Neither signature nor secret may be anything but base64.", { cause: error });
  }
}
