/** What a Dovecote sends to webhooks. */

interface OfDestination {
  post_id: string;
  destination_id: string;
  platform: string;
  account_id: number;
  account_name: string;
  /** Your own notes on the post. */
  metadata?: Record<string, unknown>;
}

interface OfPost {
  post_id: string;
  metadata?: Record<string, unknown>;
  [more: string]: unknown;
}

interface OfAccount {
  account_id: number;
  platform: string;
  account_name: string;
  reason?: string;
}

interface OfFile {
  media_id: string;
  type: string;
  filename: string;
  size: number;
}

export interface PostPublished extends OfDestination {
  published_at: string;
  platform_post_url: string | null;
  platform_post_id: string | null;
  attempts: number;
}

/** Nothing more happens by itself. */
export interface PostFailed extends OfDestination {
  error: string;
  error_code: string;
  attempts: number;
  /** It was sent, and no one can say whether it is public. */
  may_be_live: boolean;
}

interface DataOf {
  "post.scheduled": OfPost & {
    status: string;
    scheduled_for: string;
    timezone: string;
    account_ids: number[];
    campaign_id: number | null;
  };
  "post.publishing": OfDestination & { scheduled_for: string | null };
  "post.published": PostPublished;
  "post.failed": PostFailed;
  "post.partially_failed": OfPost & {
    published: number;
    failed: number;
    destinations: { destination_id: string; platform: string; status: string; error: string | null }[];
  };
  "post.updated": OfPost & { changed: string[] };
  "post.deleted": OfPost;
  "post.deleted_on_platform": OfDestination & { status: string; error: string | null };
  "post.approval_requested": OfPost;
  "post.approved": OfPost;
  "post.changes_requested": OfPost;
  "account.connected": OfAccount;
  "account.disconnected": OfAccount;
  "account.reconnect_needed": OfAccount;
  "media.uploaded": OfFile;
  "media.deleted": OfFile;
  "webhook.test": Record<string, unknown>;
}

interface Envelope<Name extends keyof DataOf> {
  event: Name;
  /** The same however often it arrives. */
  event_id: string;
  created_at: string;
  /** The workspace. */
  organization_id: string;
  data: DataOf[Name];
}

/** An event; `event` tells them apart. Servers newer than this client may send others. */
export type ReceivedEvent = { [Name in keyof DataOf]: Envelope<Name> }[keyof DataOf];
