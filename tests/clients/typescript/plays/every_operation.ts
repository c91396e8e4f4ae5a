// Calls every operation of the API once, by its method of the client.
import { Dovecote, isApiError, type OperationId } from "dovecote-client";
import { given, say } from "./given.js";

const asked: [method: string, path: string, status: number][] = [];
const noted: typeof fetch = async (url, request) => {
  const response = await fetch(url, request);
  asked.push([request?.method ?? "GET", new URL(String(url)).pathname, response.status]);
  return response;
};
const dovecote = new Dovecote({ fetch: noted });
const { accounts, approver, failed, feed, picture, receiver } = given as {
  accounts: number[];
  approver: string;
  failed: string;
  feed: string;
  picture: string;
  receiver: string;
};
const account = accounts[0] as number;
/** Another key: none approves its own posts. */
const reviewer = new Dovecote({ fetch: noted, apiKey: approver });
const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();
const known: Record<string, string> = {};

/** In this order: later calls use what earlier ones made. */
const STEPS: Partial<Record<OperationId, () => PromiseLike<unknown>>> = {
  get_me: () => dovecote.me.get(),
  get_platform_rules: () => dovecote.platformRules.get(),
  list_accounts: () => dovecote.accounts.list().toArray(),
  get_account: () => dovecote.accounts.get(String(account)),
  get_account_health: () => dovecote.accounts.health(account),
  reconnect_account: () => dovecote.accounts.reconnect(account),
  retry_missed: () => dovecote.accounts.retryMissed(account),
  connect_link: () => dovecote.accounts.connectLink({ platform: "x" }),
  connect_credential: () => dovecote.accounts.connectCredential({ platform: "myspace" }),
  connect_bluesky: () => dovecote.auth.connectBluesky({ handle: "no handle", app_password: "b" }),
  connect_mastodon: () =>
    dovecote.auth.connectMastodon({ instance: "no server", access_token: "b" }),
  connect_wordpress: () =>
    dovecote.auth.connectWordpress({ site_url: "no site", username: "a", app_password: "b" }),
  connect_discord: () => dovecote.auth.connectDiscord({ webhook_url: "no webhook" }),
  connect_nostr: () => dovecote.auth.connectNostr({ private_key: "no key" }),
  connect_telegram: () =>
    dovecote.auth.connectTelegram({ bot_token: "no token", channel: "@acme" }),
  start_connect: async () => {
    known.session = (await dovecote.auth.startConnect({ platform: "x" })).session_id;
  },
  get_connect_state: () => dovecote.auth.connectState(known.session!),
  start_device_login: async () => {
    known.device = (await dovecote.auth.startDeviceLogin({ client_name: "Test" })).device_code;
  },
  ask_device_login: () => dovecote.auth.askDeviceLogin({ device_code: known.device! }),
  create_campaign: async () => {
    known.campaign = String((await dovecote.campaigns.create({ name: "Spring" })).id);
  },
  list_campaigns: () => dovecote.campaigns.list({ status: "active" }),
  get_campaign: () => dovecote.campaigns.get(known.campaign!),
  edit_campaign: () => dovecote.campaigns.edit(known.campaign!, { name: "Summer" }),
  get_campaign_link_settings: () => dovecote.campaigns.linkSettings(known.campaign!),
  edit_campaign_link_settings: () =>
    dovecote.campaigns.editLinkSettings(known.campaign!, { utm: { source: "{platform}" } }),
  delete_campaign_link_settings: () => dovecote.campaigns.deleteLinkSettings(known.campaign!),
  get_link_settings: () => dovecote.linkSettings.get(),
  edit_link_settings: () => dovecote.linkSettings.edit({ domains: ["example.com"] }),
  delete_link_settings: () => dovecote.linkSettings.delete(),
  create_hashtag_set: async () => {
    const words = { name: "Leaves", hashtags: ["#spring"] };
    known.hashtags = (await dovecote.hashtagSets.create(words)).id;
  },
  list_hashtag_sets: () => dovecote.hashtagSets.list().toArray(),
  get_hashtag_set: () => dovecote.hashtagSets.get(known.hashtags!),
  edit_hashtag_set: () => dovecote.hashtagSets.edit(known.hashtags!, { platforms: null }),
  delete_hashtag_set: () => dovecote.hashtagSets.delete(known.hashtags!),
  get_post_defaults: () => dovecote.postDefaults.get(),
  edit_post_defaults: () => dovecote.postDefaults.edit({ hashtags: [] }),
  list_incidents: () => dovecote.incidents.list({ state: "open" }),
  create_feed: async () => {
    known.feed = (await dovecote.feeds.create({ name: "Blog", url: feed, account_ids: accounts })).id;
  },
  list_feeds: () => dovecote.feeds.list(),
  get_feed: () => dovecote.feeds.get(known.feed!),
  edit_feed: () => dovecote.feeds.edit(known.feed!, { enabled: false }),
  list_feed_items: () => dovecote.feeds.items(known.feed!),
  delete_feed: () => dovecote.feeds.delete(known.feed!),
  get_analytics_summary: () => dovecote.analytics.summary({ period: "week" }),
  create_upload: async () => {
    const facts = { filename: "a.png", content_type: "image/png", size: 1 } as const;
    known.announced = (await dovecote.media.createUpload(facts)).media_id;
  },
  complete_upload: () => dovecote.media.completeUpload(known.announced!),
  upload_from_url: async () => {
    known.file = (await dovecote.media.uploadFromUrl({ url: picture })).media_id;
  },
  get_media: () => dovecote.media.get(known.file!),
  list_media: () => dovecote.media.list({ type: "image", limit: 1 }),
  delete_media: () => dovecote.media.delete(known.announced!, { force: true }),
  create_queue: async () => {
    const queue = { name: "Mornings", slots: [{ day_of_week: 1, time: "09:00" }] };
    known.queue = (await dovecote.queues.create(queue)).id;
  },
  list_queues: () => dovecote.queues.list(),
  get_queue: () => dovecote.queues.get(known.queue!),
  get_default_queue: () => dovecote.queues.getDefault({ count: 2 }),
  edit_queue: () => dovecote.queues.edit(known.queue!, { jitter_minutes: 5 }),
  get_next_slot: () => dovecote.queues.nextSlot(known.queue!),
  preview_queue: () => dovecote.queues.preview(known.queue!, { count: 3 }).toArray(),
  delete_queue: () => dovecote.queues.delete(known.queue!),
  validate_post: () => dovecote.posts.validate({ content: "Valid?", account_ids: accounts }),
  preview_post: () => dovecote.posts.preview({ content: "How it looks", account_ids: accounts }),
  create_post: async () => {
    const draft = { content: "A draft", account_ids: accounts, draft: true };
    known.post = (await dovecote.posts.create(draft)).post_id;
    const recurrence = { freq: "weekly", interval: 1, count: 3 } as const;
    const first = { content: "Each week", account_ids: accounts, scheduled_at: inAnHour() };
    await dovecote.posts.create({ ...first, recurrence });
    known.asked = (await dovecote.posts.create({ ...first, content: "Good?" })).post_id;
  },
  request_approval: () => dovecote.posts.requestApproval(known.asked!, { message: "Good?" }),
  get_approval: () => dovecote.posts.approval(known.asked!),
  comment_on_post: () => dovecote.posts.commentOn(known.asked!, { text: "Nice" }),
  approve_post: () => reviewer.posts.approve(known.asked!, {}),
  request_changes: () => reviewer.posts.requestChanges(known.asked!, { comment: "Shorter" }),
  reject_post: () => reviewer.posts.reject(known.asked!, { comment: "No" }),
  create_share_link: async () => {
    known.link = (await dovecote.posts.createShareLink(known.asked!, { reviewer: "Ada" })).id;
  },
  list_share_links: () => dovecote.posts.shareLinks(known.asked!).toArray(),
  revoke_share_link: () => dovecote.posts.revokeShareLink(known.asked!, known.link!),
  create_calendar_feed: async () => {
    known.calendar = (await dovecote.calendarFeeds.create({ name: "Team" })).id;
  },
  list_calendar_feeds: () => dovecote.calendarFeeds.list().toArray(),
  rotate_calendar_feed: () => dovecote.calendarFeeds.rotate(known.calendar!),
  delete_calendar_feed: () => dovecote.calendarFeeds.delete(known.calendar!),
  export_posts: () => dovecote.posts.export({ format: "csv" }),
  list_recurrences: async () => {
    known.recurrence = (await dovecote.recurrences.list()).recurrences[0]!.id;
  },
  get_recurrence: () => dovecote.recurrences.get(known.recurrence!),
  edit_recurrence: () => dovecote.recurrences.edit(known.recurrence!, { content: "Weekly" }),
  pause_recurrence: () => dovecote.recurrences.pause(known.recurrence!),
  resume_recurrence: () => dovecote.recurrences.resume(known.recurrence!),
  delete_recurrence: () => dovecote.recurrences.delete(known.recurrence!),
  create_posts: () =>
    dovecote.posts.createMany({
      posts: [{ content: "One of many", account_ids: accounts, scheduled_at: inAnHour() }],
    }),
  import_posts: async () => {
    const rows = `content,account_ids\nFrom a file,${account}`;
    await dovecote.posts.import(new Blob([rows], { type: "text/csv" }), { dry_run: true });
    const row = { content: "With a file", account_ids: [account], draft: true };
    await dovecote.posts.import({ posts: [{ ...row, media_urls: [picture] }] });
  },
  list_imports: async () => {
    const found = await dovecote.imports.list();
    known.import = found.imports[0]!.import_id;
  },
  get_import: () => dovecote.imports.get(known.import!, { limit: 5 }),
  cancel_import: () => dovecote.imports.cancel(known.import!),
  list_posts: () => dovecote.posts.list({ status: "draft" }),
  get_post: () => dovecote.posts.get(known.post!),
  edit_post: () => dovecote.posts.edit(known.post!, { content: "A better draft" }),
  schedule_post: () => dovecote.posts.schedule(known.post!, { scheduled_at: inAnHour() }),
  edit_recycling: () =>
    dovecote.posts.editRecycling(known.post!, { enabled: true, gap: 4, gap_unit: "week" }),
  get_recycling: () => dovecote.posts.recycling(known.post!),
  list_post_links: () => dovecote.posts.links(known.post!).toArray(),
  list_post_events: () => dovecote.posts.events(known.post!),
  get_post_results: async () => {
    known.destination = (await dovecote.posts.results(known.post!))[0]!.id;
  },
  resolve_destination: () =>
    dovecote.posts.resolve(known.post!, known.destination!, { outcome: "not_published" }),
  retry_failed: () => dovecote.posts.retryFailed({ post_ids: [failed] }),
  retry_post: () => dovecote.posts.retry(failed),
  generate_caption: () => dovecote.ai.generateCaption({ topic: "Pigeons" }),
  generate_image: () => dovecote.ai.generateImage({ prompt: "A dovecote", model: "flux-schnell" }),
  create_webhook: async () => {
    const made = await dovecote.webhooks.create({ url: receiver, events: ["post.deleted"] });
    known.hook = made.id;
  },
  list_webhooks: async () => {
    const found: string[] = [];
    for await (const hook of dovecote.webhooks.list()) found.push(hook.id);
    const { webhooks } = await dovecote.webhooks.list();
    const both = [...found, ...webhooks.map((hook) => hook.id)];
    if (both.join() !== [known.hook, known.hook].join()) throw new Error(both.join());
  },
  get_webhook: () => dovecote.webhooks.get(known.hook!),
  edit_webhook: () => dovecote.webhooks.edit(known.hook!, { name: "Mine" }),
  test_webhook: () => dovecote.webhooks.test(known.hook!),
  delete_post: () => dovecote.posts.delete(known.post!),
  list_deliveries: async () => {
    for (;;) {
      const [delivery] = await dovecote.webhooks.deliveries(known.hook!).toArray(1);
      if (delivery) {
        known.delivery = delivery.id;
        return;
      }
      await new Promise((soon) => setTimeout(soon, 100));
    }
  },
  redeliver: () => dovecote.webhooks.redeliver(known.hook!, known.delivery!),
  recover_webhook: () =>
    dovecote.webhooks.recover(known.hook!, { since: new Date(Date.now() - 60_000).toISOString() }),
  rotate_webhook_secret: () => dovecote.webhooks.rotateSecret(known.hook!, { keep_old_hours: 1 }),
  delete_webhook: () => dovecote.webhooks.delete(known.hook!),
  delete_campaign: () => dovecote.campaigns.delete(known.campaign!),
};

const told: Record<string, unknown> = {};
for (const [operation, call] of Object.entries(STEPS)) {
  const before = asked.length;
  let ended = "ok";
  try {
    await call();
  } catch (error) {
    if (!isApiError(error)) throw error;
    ended = error.code;
  }
  told[operation] = { ended, asked: asked.slice(before) };
}
say(told);
