"""@posteverywhere/mcp: every tool, over stdio."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from tests.clients.published import answers as a
from tests.clients.published.ground import Ground, in_future
from tests.clients.published.journal import NO_ACCOUNT, UNKNOWN, Journal, Refused, first
from tests.clients.published.lines import Lines, node
from tests.clients.published.npm import installed

SERVER = "node_modules/@posteverywhere/mcp/dist/index.js"
HELLO = {
    "protocolVersion": "2025-06-18",
    "capabilities": {},
    "clientInfo": {"name": "dovecote-test", "version": "1"},
}


class Mcp:
    """A client of the server: JSON-RPC, a line a message."""

    name = "MCP server"

    def __init__(self, lines: Lines) -> None:
        self._lines, self._numbers = lines, count(1)
        self._ask("initialize", HELLO)
        lines.say({"jsonrpc": "2.0", "method": "notifications/initialized"})
        self.tools = [tool["name"] for tool in self._ask("tools/list", {})["tools"]]

    def call(self, method: str, *arguments: Any) -> Any:
        """What a tool answers: JSON if it is JSON, else its text."""
        given = {"name": method, "arguments": arguments[0] if arguments else {}}
        said = self._ask("tools/call", given)
        text = said["content"][0]["text"]
        if said.get("isError"):
            raise Refused(text)
        try:
            return json.loads(text)
        except ValueError:
            return text

    def _ask(self, method: str, params: Any) -> Any:
        number = next(self._numbers)
        self._lines.say({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        while (said := self._lines.hear()).get("id") != number:
            pass
        if "error" in said:
            raise Refused(said["error"]["message"])
        return said["result"]


@contextmanager
def running(ground: Ground, tmp: Path) -> Iterator[Mcp]:
    environ = {"POSTEVERYWHERE_API_URL": ground.url, "POSTEVERYWHERE_API_KEY": ground.key}
    with node([SERVER], installed(), tmp / "mcp.log", **environ) as lines:
        yield Mcp(lines)


def play(ground: Ground, tmp: Path) -> Journal:
    with running(ground, tmp) as mcp:
        journal = Journal(mcp).play(
            ground,
            (
                looks_around,
                connects,
                keeps_campaigns,
                publishes,
                reviews_a_draft,
                schedules,
                sends_many,
                retries,
                keeps_webhooks,
                asks_the_ai,
                keeps_media,
            ),
        )
        journal.equal("tools called", sorted({c.method for c in journal.calls}), sorted(mcp.tools))
    return journal


def looks_around(j: Journal, ground: Ground) -> None:
    found = j.call("GET /accounts", "list_accounts", answers=[a.ACCOUNT])
    j.equal("accounts", [each["id"] for each in found], ground.accounts)
    x = ground.of("x")
    j.call("GET /accounts/{id}", "get_account", {"account_id": x}, answers=a.ACCOUNT)
    health = "GET /accounts/{id}/health"
    j.call(health, "get_account_health", {"id": x}, answers=a.ACCOUNT_HEALTH)
    j.call("GET /me", "get_me", answers=a.ME)
    j.call("GET /platform-rules", "get_platform_rules", answers=a.RULES)
    summary = "GET /analytics/summary"
    custom = {"period": "custom", "from": in_future(days=-2), "to": in_future(days=1)}
    for asked in ({}, custom):
        j.call(summary, "get_analytics_summary", asked, answers=a.SUMMARY)


def connects(j: Journal, ground: Ground) -> None:
    link = "POST /accounts/connect-link"
    j.call(link, "create_connect_link", {"platform": "x"}, answers=a.LINK)
    x = {"account_id": ground.of("x")}
    j.call("POST /accounts/{id}/reconnect", "create_reconnect_link", x, answers=a.LINK)
    by_password = {"platform": "bluesky", "handle": "a.example", "app_password": "b"}
    path = "POST /accounts/connect-credential"
    j.refused(path, "connect_credential_account", by_password, says=NO_ACCOUNT)


def keeps_campaigns(j: Journal, _: Ground) -> None:
    wanted = {"name": "Launch", "color": "#3b82f6"}
    made = j.call("POST /campaigns", "create_campaign", wanted, answers=a.CAMPAIGN)
    one, path = {"id": made.get("id", 1)}, "/campaigns/{id}"
    j.call("GET /campaigns", "list_campaigns", answers=a.CAMPAIGNS)
    j.call(f"GET {path}", "get_campaign", one, answers=a.CAMPAIGN)
    change = one | {"status": "archived"}
    j.call(f"PATCH {path}", "update_campaign", change, answers=a.CAMPAIGN)
    j.call(f"DELETE {path}", "delete_campaign", one, answers=a.DELETED_CAMPAIGN)


def publishes(j: Journal, ground: Ground) -> None:
    body = {
        "content": "MCP: hello",
        "account_ids": ground.accounts,
        "platform_content": {"x": {"content": "MCP: hello, X"}},
    }
    post = j.call("POST /posts", "create_post", body, answers=a.CREATED).get("post_id", UNKNOWN)
    ground.published(post)
    j.equal("on LinkedIn", ground.on_the_wall("MCP: hello"), ground.places(ground.of("linkedin")))
    j.equal("on X", ground.on_the_wall("MCP: hello, X"), ground.places(ground.of("x")))
    one, path = {"post_id": post}, "/posts/{id}"
    told = j.call(f"GET {path}/results", "get_post_results", one, answers=a.RESULTS)
    j.equal("results", {each["status"] for each in told.get("results", [])}, {"published"})
    seen = j.call(f"GET {path}", "get_post", one, answers=a.POST)
    j.equal("its status", seen.get("status"), "published")
    found = j.call("GET /posts", "list_posts", {"status": "published"}, answers=[a.POST])
    j.equal("list_posts", first(found).get("id"), post)


def reviews_a_draft(j: Journal, ground: Ground) -> None:
    """The workflow that its descriptions tell: draft, look at it, publish it."""
    draft = {"content": "MCP: draft", "draft": True}
    made = j.call("POST /posts", "create_post", draft, answers=a.DRAFT)
    one, path = {"post_id": made.get("post_id", UNKNOWN)}, "/posts/{id}"
    j.call("GET /posts", "list_posts", {"status": "draft"}, answers=[a.POST])
    j.call(f"PATCH {path}", "update_post", one | {"content": "MCP: reviewed"}, answers=a.POST)
    now = one | {"publish_now": True, "account_ids": [ground.of("x")]}
    j.call(f"POST {path}/schedule", "schedule_post", now, answers=a.SCHEDULED)
    ground.published(one["post_id"])
    j.equal("reviewed", ground.on_the_wall("MCP: reviewed"), ground.places(ground.of("x")))


def schedules(j: Journal, ground: Ground) -> None:
    at, path = in_future(seconds=8), "/posts/{id}"
    x = [ground.of("x")]
    soon = {"content": "MCP: at its time", "account_ids": x, "scheduled_for": at}
    j.call("POST /posts", "create_post", soon, answers=a.CREATED)
    later = {"content": "MCP: later", "account_ids": x, "scheduled_for": "2031-04-01T09:00:00"}
    tokyo = later | {"timezone": "Asia/Tokyo"}
    made = j.call("POST /posts", "create_post", tokyo, answers=a.CREATED)
    j.equal("a time without zone", made.get("scheduled_for"), "2031-04-01T09:00:00Z")
    one = {"post_id": made.get("post_id", UNKNOWN)}
    asked = {
        "status": "scheduled,partially_failed",
        "platform": "x,pinterest",
        "search": "MCP: LATER",
        "account_id": x[0],
        "scheduled_after": in_future(hours=1),
    }
    found = j.call("GET /posts", "list_posts_advanced", asked, answers=a.POSTS)
    j.equal("found", [each["id"] for each in found.get("posts", [])], [one["post_id"]])
    said = j.call(f"DELETE {path}", "delete_post", one, answers="text")
    j.equal("deleted", said, f"Post {one['post_id']} deleted successfully.")
    ground.at_its_time(j, "MCP: at its time", at)


def sends_many(j: Journal, ground: Ground) -> None:
    right = {"content": "MCP: many", "account_ids": ground.accounts}
    right |= {"scheduled_for": in_future(hours=1)}
    wrong = {"content": "MCP: nowhere", "account_ids": [0]}
    bulk = "POST /posts/bulk"
    mixed = j.call(bulk, "bulk_create_posts", {"posts": [right, wrong]}, answers=a.BULK)
    j.equal("mixed", [each["ok"] for each in mixed.get("results", [])], [True, False])
    none = j.call(bulk, "bulk_create_posts", {"posts": [wrong]}, answers=a.BULK)
    j.equal("none", none.get("summary"), {"total": 1, "succeeded": 0, "failed": 1})


def retries(j: Journal, ground: Ground) -> None:
    post, other = ground.failing(), ground.failing()
    one = {"post_id": post}
    retried = j.call("POST /posts/{id}/retry", "retry_failed_post", one, answers=a.RETRIED)
    j.equal("retried", retried.get("retried_count"), 1)
    wanted = {"post_ids": [other], "platform": "twitter", "max_attempts": 5}
    many = "POST /posts/retry-failed"
    found = j.call(many, "retry_failed_posts", wanted, answers=a.RETRIED_FAILED)
    j.equal("retried many", [each["post_id"] for each in found.get("destinations", [])], [other])
    for each in ground.published(post, other):
        j.equal("attempts", each["attempts"], 2)


def keeps_webhooks(j: Journal, ground: Ground) -> None:
    wanted = {"url": ground.receiver(), "events": ["post.published", "media.uploaded"]}
    made = j.call("POST /webhooks", "create_webhook", wanted, answers=a.NEW_WEBHOOK)
    one, path = {"id": made.get("id", UNKNOWN)}, "/webhooks/{id}"
    j.call("GET /webhooks", "list_webhooks", answers=a.WEBHOOKS)
    j.call(f"GET {path}", "get_webhook", one, answers=a.WEBHOOK)
    j.call(f"PATCH {path}", "update_webhook", one | {"is_active": True}, answers=a.WEBHOOK)
    tested = j.call(f"POST {path}/test", "test_webhook", one, answers=a.TESTED_WEBHOOK)
    j.equal("the test", (tested.get("ok"), tested.get("status")), (True, 200))
    j.call(f"DELETE {path}", "delete_webhook", one, answers=a.DELETED_WEBHOOK)


def asks_the_ai(j: Journal, _: Ground) -> None:
    image = "POST /ai/generate-image"
    j.call(image, "generate_image", {"prompt": "A dovecote"}, answers=a.IMAGE)
    caption = "POST /ai/generate-caption"
    j.call(caption, "generate_caption", {"topic": "Pigeons"}, answers=a.CAPTIONS)


def keeps_media(j: Journal, ground: Ground) -> None:
    wanted = {"url": ground.picture()}
    fetched = j.call(
        "POST /media/upload-from-url", "upload_media_from_url", wanted, answers=a.FETCHED
    )
    one, path = {"media_id": fetched.get("media_id", UNKNOWN)}, "/media/{id}"
    ground.arrived(one["media_id"])
    j.call(f"GET {path}", "get_media", one, answers=a.MEDIA)
    found = j.call("GET /media", "list_media", {"type": "image"}, answers=[a.MEDIA])
    j.equal("list_media", first(found).get("id"), one["media_id"])
    said = j.call(f"DELETE {path}", "delete_media", one, answers="text")
    j.equal("deleted", said, f"Media {one['media_id']} deleted successfully.")
