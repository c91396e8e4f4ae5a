"""Features of posts."""

from config.web.features import AUTH, JSON, Feature, Step, post

VERIFY = """\
    import hashlib, hmac, time


    def is_genuine(secret: str, body: bytes, headers: dict[str, str]) -> bool:
        signed = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        is_recent = abs(time.time() - int(headers["X-PostEverywhere-Timestamp"])) <= 300
        return is_recent and hmac.compare_digest(signed, headers["X-PostEverywhere-Signature"])"""

FEATURES: tuple[Feature, ...] = (
    Feature(
        "See it as each network will show it",
        "Nothing is stored. Texts are cut where the feed cuts them, files stand in the feed's "
        "frames, and the errors are those that posting would give.",
        (
            Step(
                "preview",
                post(
                    "/posts/preview",
                    '{"content": "Our new loft is open #loft", "account_ids": [<account_id>]}',
                ),
                '{"data": {"valid": true, "accounts": [{"platform": "<network>", "errors": [], '
                '"preview": {"parts": [{"text": {"text": "Our new loft is open #loft"}}]}}]}}',
            ),
        ),
    ),
    Feature(
        "Be told by a webhook",
        "Each event is sent to an https address of yours, at least once. The answer has the "
        "secret, this once; your receiver checks every request with it.",
        (
            Step(
                "webhook",
                post(
                    "/webhooks",
                    '{"url": "https://hooks.example/dovecote", '
                    '"events": ["post.published", "post.failed"]}',
                ),
                '{"data": {"id": "WEBHOOK_ID", "secret": "whsec_…", "is_active": true}}',
            ),
            Step("verify", VERIFY),
            Step(
                "webhook_test",
                f"curl -X POST $API/webhooks/WEBHOOK_ID/test {AUTH}",
                '{"data": {"ok": true, "status": 200, "duration_ms": 84}}',
            ),
            Step(
                "deliveries",
                f"curl $API/webhooks/WEBHOOK_ID/deliveries {AUTH}",
                '{"data": {"deliveries": [{"event": "webhook.test", "status": "delivered"}]}}',
            ),
        ),
    ),
    Feature(
        "Collect posts in a campaign",
        "A campaign counts its posts, and lists and summaries can be filtered by it.",
        (
            Step(
                "campaign",
                post("/campaigns", '{"name": "Spring"}'),
                '{"data": {"id": 1, "name": "Spring", "status": "active", "post_count": 0}}',
            ),
            Step(
                "campaign_post",
                post(
                    "/posts",
                    '{"content": "Spring is here", "account_ids": [<account_id>],\n'
                    '    "campaign_id": CAMPAIGN_ID, "draft": true}',
                ),
                '{"data": {"post_id": "post_…", "status": "draft"}}',
            ),
        ),
    ),
    Feature(
        "Publish in the next free slot",
        "A posting queue has times of the week. Every workspace has one: 09:00, 12:00 and 17:00 "
        "UTC each day, until you change it.",
        (
            Step(
                "queued",
                post(
                    "/posts",
                    '{"content": "Whenever there is room", "account_ids": [<account_id>], '
                    '"use_queue": true}',
                ),
                '{"data": {"post_id": "post_…", "status": "scheduled", '
                '"scheduled_for": "2026-11-27T09:00:00Z", "queue_id": "…"}}',
            ),
            Step(
                "queue",
                f"curl $API/queue {AUTH}",
                '{"data": {"queue_name": "Default", "next_slot": "2026-11-27T09:00:00Z"}}',
            ),
        ),
    ),
    Feature(
        "Publish again and again",
        "A rule makes a new post each time, 90 days ahead; each can be edited or deleted alone. "
        "The time of day stays when clocks change.",
        (
            Step(
                "recurring",
                post(
                    "/posts",
                    '{"content": "Monday!", "account_ids": [<account_id>],\n'
                    '    "scheduled_at": "2030-01-07T09:00:00", "timezone": "Europe/Berlin",\n'
                    '    "recurrence": {"freq": "weekly", "interval": 1}}',
                ),
                '{"data": {"post_id": "post_…", "status": "scheduled", "recurrence_id": "…"}}',
            ),
        ),
    ),
    Feature(
        "Have a post approved",
        "Until it is approved it is not published; an operator sets which workspaces use this. A "
        "secret address shows it to people without a login, as each network will show it. With "
        "`can_decide` they may approve it there: that takes a key that did not write the post.",
        (
            Step(
                "planned",
                post(
                    "/posts",
                    '{"content": "Please look at this", "account_ids": [<account_id>],\n'
                    '    "scheduled_at": "2030-01-07T09:00:00Z"}',
                ),
                '{"data": {"post_id": "PLANNED_ID", "status": "scheduled"}}',
            ),
            Step(
                "approval",
                f"curl -X POST $API/posts/PLANNED_ID/request-approval {AUTH}",
                '{"data": {"approval": {"status": "pending"}, "post_status": "scheduled"}}',
            ),
            Step(
                "share",
                post("/posts/PLANNED_ID/share-links", '{"can_decide": false}'),
                '{"data": {"id": "…", "url": "<host>/share/…", "can_decide": false}}',
            ),
        ),
    ),
    Feature(
        "Count clicks on links",
        "Links get parameters for your statistics, and short addresses of this installation with "
        "the clicks of each network.",
        (
            Step(
                "links",
                f"curl -X PATCH $API/link-settings {AUTH} \\\n  {JSON} \\\n  -d "
                '\'{"domains": ["example.com"], "utm": {"source": "{platform}"}}\'',
                '{"data": {"domains": ["example.com"], "shorten": false}}',
            ),
            Step(
                "shortened",
                post(
                    "/posts",
                    '{"content": "Come and see: https://example.com/loft",\n'
                    '    "account_ids": [<account_id>], "shorten_links": true}',
                ),
                '{"data": {"post_id": "LINKED_ID", "status": "publishing"}}',
            ),
            Step(
                "clicks",
                f"curl $API/posts/LINKED_ID/links {AUTH}",
                '{"data": {"links": [{"platform": "<network>", "short_url": "<host>/l/…", '
                '"clicks": 0}]}}',
            ),
        ),
    ),
    Feature(
        "Keep hashtags in sets",
        "Posts take them by hashtag_set_ids: below the text, or as first comment. /post-defaults "
        "has some for posts that name none.",
        (
            Step(
                "hashtags",
                post("/hashtag-sets", '{"name": "Garden", "hashtags": ["#spring", "garden"]}'),
                '{"data": {"id": "…", "hashtags": ["spring", "garden"], "platforms": null}}',
            ),
        ),
    ),
    Feature(
        "Post what a feed brings",
        "New items of an RSS or Atom feed become drafts, posts or posts of a queue. What it has "
        "now is not posted.",
        (
            Step(
                "feed",
                post(
                    "/feeds",
                    '{"name": "Blog", "url": "https://blog.example.com/feed.xml", '
                    '"account_ids": [<account_id>]}',
                ),
                '{"data": {"id": "…", "mode": "draft", "enabled": true}}',
            ),
        ),
    ),
    Feature(
        "Count what was published",
        "How many posts of a period are in which status, and what the networks say of them.",
        (
            Step(
                "summary",
                f'curl "$API/analytics/summary?period=month" {AUTH}',
                '{"data": {"period": "month", "posts": {"total": 1, "published": 1}, '
                '"metrics": {"views": 12, "likes": 3}}}',
            ),
        ),
    ),
    Feature(
        "Delete a post on its networks",
        "The post, and what is public of it: name networks, or all. What takes longer than a few "
        "seconds goes on by itself; the same request says how far it is.",
        (
            Step(
                "delete",
                f'curl -X DELETE "$API/posts/POST_ID?delete_on_platforms=all" \\\n  {AUTH}',
                '{"data": {"id": "post_…", "deleted": true, "message": "…", '
                '"platforms": [{"platform": "<network>", "status": "deleted", "error": null}]}}',
            ),
        ),
    ),
    Feature(
        "Have a caption written and an image drawn",
        "Both need a key with the scope `ai`, and an AI provider. Under `make up` a simulated one "
        "answers. The image's `media_id` goes into a post's `media_ids`.",
        (
            Step(
                "caption",
                post(
                    "/ai/generate-caption",
                    '{"topic": "Our new loft is open", "platform": "<network>", "count": 2}',
                ),
                '{"data": {"captions": ["…", "…"], "credits_used": 2}}',
            ),
            Step(
                "image",
                post(
                    "/ai/generate-image",
                    '{"prompt": "A loft at dusk", "aspect_ratio": "16:9"}',
                ),
                '{"data": {"media_id": "…", "credits_used": 1}}',
            ),
        ),
    ),
)
