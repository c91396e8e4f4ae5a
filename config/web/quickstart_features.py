"""What the quick start shows of each further feature: commands to copy, and their answers' shapes.

The commands use what the first step exports, `$API` and `$API_KEY`. Words in capitals, such as
POST_ID, are the reader's to fill in. An answer shows the fields that matter.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from textwrap import dedent

AUTH = '-H "Authorization: Bearer $API_KEY"'
JSON = "-H 'Content-Type: application/json'"
VERIFY = """\
    import hashlib, hmac, time


    def is_genuine(secret: str, body: bytes, headers: dict[str, str]) -> bool:
        signed = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        is_recent = abs(time.time() - int(headers["X-PostEverywhere-Timestamp"])) <= 300
        return is_recent and hmac.compare_digest(signed, headers["X-PostEverywhere-Signature"])"""


@dataclass(frozen=True, slots=True)
class Step:
    """`name` is the command's id on the page; `answer` is blank for what answers nothing."""

    name: str
    command: str
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Feature:
    title: str
    words: str
    steps: tuple[Step, ...]


def features(known: Mapping[str, str]) -> list[Feature]:
    """`known`: `host` of this installation, and `account_id`, one to post to."""
    return [
        Feature(
            each.title,
            _known(each.words, known),
            tuple(_filled(step, known) for step in each.steps),
        )
        for each in FEATURES
    ]


def _filled(step: Step, known: Mapping[str, str]) -> Step:
    command, answer = dedent(step.command), dedent(step.answer).strip()
    return Step(step.name, _known(command, known), _known(answer, known))


def _known(text: str, known: Mapping[str, str]) -> str:
    for word, value in known.items():
        text = text.replace(f"<{word}>", value)
    return text


def _post(path: str, body: str) -> str:
    return f"curl $API{path} {AUTH} \\\n  {JSON} \\\n  -d '{body}'"


FEATURES: tuple[Feature, ...] = (
    Feature(
        "See it as each network will show it",
        "Nothing is stored. Texts are cut where the feed cuts them, files stand in the feed's "
        "frames, and the errors are those that posting would give.",
        (
            Step(
                "preview",
                _post(
                    "/posts/preview",
                    '{"content": "Our new loft is open #loft", "account_ids": [<account_id>]}',
                ),
                '{"data": {"valid": true, "accounts": []}}',
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
                _post(
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
                '{"data": {"deliveries": []}}',
            ),
        ),
    ),
    Feature(
        "Collect posts in a campaign",
        "A campaign counts its posts, and lists and summaries can be filtered by it.",
        (
            Step(
                "campaign",
                _post("/campaigns", '{"name": "Spring"}'),
                '{"data": {"id": 1, "name": "Spring", "status": "active", "post_count": 0}}',
            ),
            Step(
                "campaign_post",
                _post(
                    "/posts",
                    '{"content": "Spring is here", "account_ids": [<account_id>], '
                    '"campaign_id": CAMPAIGN_ID, "draft": true}',
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
                _post(
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
                _post(
                    "/posts",
                    '{"content": "Monday!", "account_ids": [<account_id>], '
                    '"scheduled_at": "2030-01-07T09:00:00", "timezone": "Europe/Berlin", '
                    '"recurrence": {"freq": "weekly", "interval": 1}}',
                ),
                '{"data": {"post_id": "post_…", "status": "scheduled", "recurrence_id": "…"}}',
            ),
        ),
    ),
    Feature(
        "Have a post approved",
        "A secret address shows the post to people without a login, as each network will show it. "
        "With can_decide they may approve it there; that needs a key with the scope approve.",
        (
            Step(
                "share",
                _post("/posts/POST_ID/share-links", '{"can_decide": false}'),
                '{"data": {"id": "…", "url": "<host>/share/…", "can_decide": false}}',
            ),
        ),
    ),
    Feature(
        "Import a month of posts",
        "A CSV file, a row for each post. dry_run says what would be made; without it the posts "
        "are. The same file again makes nothing twice.",
        (
            Step(
                "import",
                "printf 'content,account_ids,scheduled_at\\nHello,<account_id>,"
                "2030-01-07T09:00:00Z\\n' |\n"
                f"  curl '<host>/api/v1/posts/import?dry_run=true' {AUTH} \\\n"
                "  -H 'Content-Type: text/csv' --data-binary @-",
                '{"data": {"total": 1, "valid": 1, "invalid": 0, "results": []}}',
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
                "clicks",
                f"curl $API/posts/POST_ID/links {AUTH}",
                '{"data": {"links": []}}',
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
                _post(
                    "/feeds",
                    '{"name": "Blog", "url": "https://blog.example.com/feed.xml", '
                    '"account_ids": [<account_id>]}',
                ),
                '{"data": {"id": "…", "mode": "draft", "enabled": true}}',
            ),
        ),
    ),
    Feature(
        "Let an agent do it",
        "Agents get tools for all of this at <host>/mcp. They log in by OAuth, or with a key.",
        (
            Step(
                "agent",
                "curl <host>/mcp "
                + AUTH
                + " \\\n  -H 'Accept: application/json, text/event-stream' "
                + JSON
                + ' \\\n  -d \'{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}\'',
                '{"jsonrpc": "2.0", "result": {"tools": []}}',
            ),
        ),
    ),
    Feature(
        "Count what was published",
        "How many posts of a period are in which status, and what the networks say of them.",
        (
            Step(
                "summary",
                f"curl '<host>/api/v1/analytics/summary?period=month' {AUTH}",
                '{"data": {"period": "month"}}',
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
                f"curl -X DELETE '<host>/api/v1/posts/POST_ID?delete_on_platforms=all' {AUTH}",
                '{"data": {"id": "post_…", "deleted": true, "message": "…", '
                '"platforms": [{"platform": "x", "status": "deleted", "error": null}]}}',
            ),
        ),
    ),
    Feature(
        "Have a caption written and an image drawn",
        "Both need a key with the scope ai, and an AI provider. Under make up a simulated one "
        "answers. The image's media_id goes into a post's media_ids.",
        (
            Step(
                "caption",
                _post(
                    "/ai/generate-caption",
                    '{"topic": "Our new loft is open", "platform": "x", "count": 2}',
                ),
                '{"data": {"captions": ["…", "…"], "credits_used": 2}}',
            ),
            Step(
                "image",
                _post(
                    "/ai/generate-image",
                    '{"prompt": "A loft at dusk", "aspect_ratio": "16:9"}',
                ),
                '{"data": {"media_id": "…", "credits_used": 1}}',
            ),
        ),
    ),
    Feature(
        "Log in from a terminal",
        "A program without a key shows a code. An operator compares it in the admin and gives the "
        "program a key, which is in one answer only.",
        (
            Step(
                "device",
                f'curl $API/auth/device {JSON} \\\n  -d \'{{"client_name": "my terminal"}}\'',
                '{"data": {"device_code": "DEVICE_CODE", "user_code": "WDJB-MJHT", '
                '"verification_uri_complete": "…", "interval": 5}}',
            ),
            Step(
                "device_token",
                f'curl $API/auth/device/token {JSON} \\\n  -d \'{{"device_code": "DEVICE_CODE"}}\'',
                '{"data": {"status": "pending"}}',
            ),
        ),
    ),
    Feature(
        "Use clients of the hosted service",
        "The compatibility mount has every call in the shapes that its published clients read. "
        "Keys, posts and limits are the same.",
        (
            Step(
                "compatible",
                f"curl '<host>/compat/api/v1/posts?limit=1' {AUTH}",
                '{"data": {"posts": [], "total": 0, "limit": 1}, "error": null}',
            ),
        ),
    ),
)
