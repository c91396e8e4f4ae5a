"""@posteverywhere/sdk: every method."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from tests.clients.published import answers as a
from tests.clients.published.ground import Ground, in_future
from tests.clients.published.journal import UNKNOWN, Journal, Refused
from tests.clients.published.lines import Lines, converse, node, program
from tests.clients.published.npm import HERE, installed
from tests.platforms.driver import image

INIT = "node_modules/@posteverywhere/sdk/dist/cli.js"
PNG = {"filename": "photo.png", "contentType": "image/png"}


@dataclass
class Sdk:
    lines: Lines
    name = "SDK"

    def call(self, method: str, *arguments: Any) -> Any:
        self.lines.say({"method": method, "args": arguments})
        said = self.lines.hear()
        if "error" in said:
            raise Refused(said["error"]["message"])
        return said.get("value")


@contextmanager
def running(ground: Ground, tmp: Path) -> Iterator[Sdk]:
    environ = {"ORIGIN": f"{ground.url}/", "POSTEVERYWHERE_API_KEY": ground.key}
    command = ["--import", str(HERE / "origin.mjs"), str(HERE / "sdk.mjs")]
    with node(command, installed(), tmp / "sdk.log", **environ) as lines:
        yield Sdk(lines)


def play(ground: Ground, tmp: Path) -> Journal:
    with running(ground, tmp) as sdk:
        return Journal(sdk).play(
            ground,
            (
                sets_up,
                looks_around,
                keeps_campaigns,
                publishes,
                schedules,
                sends_many,
                retries,
                keeps_webhooks,
                asks_the_ai,
                deletes_media,
            ),
        )


def sets_up(j: Journal, ground: Ground) -> None:
    """`npx posteverywhere init` tries a key that is pasted, and keeps it."""
    dialogue = [("have a PostEverywhere account", "y"), ("Paste your API key", ground.key)]
    with TemporaryDirectory() as home:
        child = program(
            *("--import", str(HERE / "origin.mjs"), str(installed() / INIT), "init"),
            home=Path(home),
            ORIGIN=f"{ground.url}/",
        )
        converse(child, [*dialogue, ("Save API key", "y")])
        said, _ = child.communicate(timeout=60)
        kept = (Path(home) / ".env").read_text()
    j.equal("init keeps the key", kept.strip(), f"POSTEVERYWHERE_API_KEY={ground.key}")
    j.equal("init has ended", (child.returncode, "You're all set!" in said), (0, True))


def looks_around(j: Journal, ground: Ground) -> None:
    found = j.call("GET /accounts", "accounts.list", answers=a.ACCOUNTS)
    j.equal("accounts", [each["id"] for each in found.get("accounts", [])], ground.accounts)
    x = ground.of("x")
    j.call("GET /accounts/{id}", "accounts.get", x, answers=a.ACCOUNT)
    j.call("GET /accounts/{id}/health", "accounts.health", x, answers=a.ACCOUNT_HEALTH)
    j.call("GET /me", "me.get", answers=a.ME)
    custom = {"period": "custom", "from": in_future(days=-2), "to": in_future(days=1)}
    for period in ({}, {"period": "week"}, custom):
        j.call("GET /analytics/summary", "analytics.summary", period, answers=a.SUMMARY)


def keeps_campaigns(j: Journal, ground: Ground) -> None:
    """A post is found by its campaign, and stays when that is deleted."""
    wanted = {"name": "Launch", "description": "Spring", "color": "#3B82F6"}
    made = j.call("POST /campaigns", "campaigns.create", wanted, answers=a.CAMPAIGN)
    number, path = made.get("id", 1), "/campaigns/{id}"
    body = {"content": "SDK: in a campaign", "account_ids": ground.accounts}
    timed = body | {"scheduled_for": in_future(hours=1), "campaign_id": number}
    post = j.call("POST /posts", "posts.create", timed, answers=a.CREATED).get("post_id", UNKNOWN)
    asked = {"campaign_id": number}
    found = j.call("GET /posts", "posts.listAdvanced", asked, answers=a.POSTS)
    j.equal("its posts", [each["id"] for each in found.get("posts", [])], [post])
    j.call("GET /campaigns", "campaigns.list", {"status": "active"}, answers=a.CAMPAIGNS)
    seen = j.call(f"GET {path}", "campaigns.get", number, answers=a.CAMPAIGN)
    j.equal("post_count", seen.get("post_count"), 1)
    change = {"name": "Launch 2", "status": "archived"}
    edited = j.call(f"PATCH {path}", "campaigns.update", number, change, answers=a.CAMPAIGN)
    j.equal("the change", {name: edited.get(name) for name in change}, change)
    j.call(f"DELETE {path}", "campaigns.delete", number, answers=a.DELETED_CAMPAIGN)
    left = j.call("GET /posts/{id}", "posts.get", post, answers=a.POST)
    j.equal("its campaign", left.get("campaign_id", number), None)


def uploads(j: Journal, kind: str) -> str:
    """A file in one call; `kind`: as a blob, or as a buffer, which tells no size."""
    given = {kind: base64.b64encode(image(640, 640)).decode()}
    done = j.call("POST /media/{id}/complete", "media.upload", given, PNG, answers=a.COMPLETED)
    return str(done.get("id", UNKNOWN))


def publishes(j: Journal, ground: Ground) -> None:
    """To the named accounts, with a file; and as the first example of its readme, to all."""
    media = [uploads(j, "blob"), uploads(j, "buffer")]
    body = {
        "content": "SDK: hello",
        "account_ids": ground.accounts,
        "media_ids": media,
        "platform_content": {"twitter": {"content": "SDK: hello, X"}},
    }
    path = "/posts/{id}"
    post = j.call("POST /posts", "posts.create", body, answers=a.CREATED).get("post_id", UNKNOWN)
    to_all = {"content": "SDK: to all", "publish_now": True}
    other = j.call("POST /posts", "posts.create", to_all, answers=a.CREATED)
    other_id = other.get("post_id", UNKNOWN)
    ground.published(post, other_id)
    for method in ("posts.results", "posts.getResults"):
        told = j.call(f"GET {path}/results", method, post, answers=a.RESULTS)
        j.equal("results", {each["status"] for each in told.get("results", [])}, {"published"})
    j.equal("on LinkedIn", ground.on_the_wall("SDK: hello"), ground.places(ground.of("linkedin")))
    j.equal("on X", ground.on_the_wall("SDK: hello, X"), ground.places(ground.of("x")))
    gone = j.call(f"DELETE {path}", "posts.delete", other_id, answers=a.DELETED_POST)
    j.equal("deleted, published", gone.get("deleted"), True)
    j.equal("to all, and left there", ground.on_the_wall("SDK: to all"), ground.places())
    seen = j.call(f"GET {path}", "posts.get", post, answers=a.POST)
    j.equal("its files", seen.get("media_ids"), media)
    again = {name: seen[name] for name in a.ROUND_TRIP if name in seen}
    clone = {**again, "scheduled_for": in_future(hours=2)}
    j.call("POST /posts", "posts.create", again | {"content": "SDK: cloned"}, answers=a.CREATED)
    made = j.call("POST /posts", "posts.create", clone, answers=a.CREATED)
    j.equal("the clone", {name: made.get(name) for name in a.ROUND_TRIP}, clone)


def schedules(j: Journal, ground: Ground) -> None:
    at, path = in_future(seconds=8), "/posts/{id}"
    body = {"content": "SDK: at its time", "account_ids": [ground.of("x")], "scheduled_for": at}
    soon = j.call("POST /posts", "posts.create", body, answers=a.CREATED)
    j.equal("its time", soon.get("scheduled_for"), at)
    later = {"content": "SDK: later", "account_ids": ground.accounts, "timezone": "Asia/Tokyo"}
    naive = later | {"scheduled_for": "2031-04-01T09:00:00"}
    made = j.call("POST /posts", "posts.create", naive, answers=a.CREATED)
    j.equal("a time without zone", made.get("scheduled_for"), "2031-04-01T09:00:00Z")
    post = made.get("post_id", UNKNOWN)
    for change in ({"content": "SDK: later, edited"}, {"scheduled_for": "2031-04-02T09:00:00Z"}):
        edited = j.call(f"PATCH {path}", "posts.update", post, change, answers=a.POST)
        j.equal("the change", {name: edited.get(name) for name in change}, change)
    lists(j, ground)
    gone = j.call(f"DELETE {path}", "posts.delete", post, answers=a.DELETED_POST)
    j.equal("deleted", gone.get("deleted"), True)
    j.refused(f"GET {path}", "posts.get", post, says="There is no such post.")
    ground.at_its_time(j, "SDK: at its time", at)


def lists(j: Journal, ground: Ground) -> None:
    for asked in ({}, {"status": "done"}, {"status": "queued", "platform": "x", "limit": 2}):
        found = j.call("GET /posts", "posts.list", asked, answers=a.POSTS)
        j.equal(f"posts.list {asked} finds some", bool(found.get("posts")), True)
    asked = {
        "status": "scheduled,publishing,published,partially_failed,failed,draft",
        "platform": "x,linkedin",
        "account_id": ground.of("x"),
        "created_after": in_future(days=-1),
        "search": "sdk: later",
        "sort": "scheduled_for",
        "order": "asc",
        "limit": 5,
    }
    found = j.call("GET /posts", "posts.listAdvanced", asked, answers=a.POSTS)
    texts = [each["content"] for each in found.get("posts", [])]
    j.equal("posts.listAdvanced", texts, ["SDK: later, edited"])


def sends_many(j: Journal, ground: Ground) -> None:
    bodies = [
        {
            "content": f"SDK: many {n}",
            "account_ids": ground.accounts,
            "scheduled_for": in_future(hours=1),
        }
        for n in range(2)
    ]
    wrong = {"content": "SDK: nowhere", "account_ids": [0]}
    made = j.call("POST /posts/bulk", "posts.bulkCreate", bodies, answers=a.BULK)
    j.equal("many", made.get("summary"), {"total": 2, "succeeded": 2, "failed": 0})
    mixed = j.call("POST /posts/bulk", "posts.bulkCreate", [*bodies, wrong], answers=a.BULK)
    j.equal("mixed", [each["ok"] for each in mixed.get("results", [])], [True, True, False])
    # It throws, and what was wrong with each is lost (MIGRATING.md says so).
    none = "Request failed with status 422"
    j.refused("POST /posts/bulk", "posts.bulkCreate", [wrong], says=none)


def retries(j: Journal, ground: Ground) -> None:
    post, other = ground.failing(), ground.failing()
    retried = j.call("POST /posts/{id}/retry", "posts.retry", post, answers=a.RETRIED)
    j.equal("retried", retried.get("retried"), 1)
    wanted = {"post_ids": [other], "max_attempts": 5}
    many = j.call("POST /posts/retry-failed", "posts.retryFailed", wanted, answers=a.RETRIED_FAILED)
    j.equal("retried many", many.get("retried_count"), 1)
    for found in ground.published(post, other):
        j.equal("attempts", found["attempts"], 2)


def keeps_webhooks(j: Journal, ground: Ground) -> None:
    wanted = {"url": ground.receiver(), "events": ["post.published", "post.failed"], "name": "SDK"}
    made = j.call("POST /webhooks", "webhooks.create", wanted, answers=a.NEW_WEBHOOK)
    j.equal("the hook's address", made.get("url"), wanted["url"])
    hook, path = made.get("id", UNKNOWN), "/webhooks/{id}"
    j.call("GET /webhooks", "webhooks.list", answers=a.WEBHOOKS)
    j.call(f"GET {path}", "webhooks.get", hook, answers=a.WEBHOOK)
    change = {"is_active": False, "description": "Off"}
    j.call(f"PATCH {path}", "webhooks.update", hook, change, answers=a.WEBHOOK)
    tested = j.call(f"POST {path}/test", "webhooks.test", hook, answers=a.TESTED_WEBHOOK)
    j.equal("the test", (tested.get("ok"), tested.get("status")), (True, 200))
    j.call(f"DELETE {path}", "webhooks.delete", hook, answers=a.DELETED_WEBHOOK)


def asks_the_ai(j: Journal, _: Ground) -> None:
    wanted = {"prompt": "A dovecote at dawn", "model": "flux-schnell", "aspect_ratio": "4:5"}
    j.call("POST /ai/generate-image", "ai.generateImage", wanted, answers=a.IMAGE)
    topic = {"topic": "Pigeons", "platform": "x", "tone": "witty", "count": 2}
    j.call("POST /ai/generate-caption", "ai.generateCaption", topic, answers=a.CAPTIONS)


def deletes_media(j: Journal, ground: Ground) -> None:
    facts = {"filename": "by hand.png", "content_type": "image/png", "file_size": len(image())}
    place = j.call("POST /media/upload", "media.getUploadUrl", facts, answers=a.UPLOAD)
    sent = httpx.put(
        place["upload_url"], content=image(), headers={"Content-Type": "image/png"}, trust_env=False
    )
    j.equal("the upload", sent.status_code, 200)
    file, path = place["media_id"], "/media/{id}"
    j.call(f"POST {path}/complete", "media.complete", file, answers=a.COMPLETED)
    j.call(f"GET {path}", "media.get", file, answers=a.MEDIA)
    wanted = {"url": ground.picture(), "filename": "fetched.png"}
    upload = "POST /media/upload-from-url", "media.uploadFromUrl"
    fetched = j.call(*upload, wanted, answers=a.FETCHED)
    ground.arrived(fetched.get("media_id", UNKNOWN))
    found = j.call("GET /media", "media.list", {"type": "image", "limit": 3}, answers=a.MEDIA_LIST)
    j.equal("files", len(found.get("media", [])), 3)
    j.call(f"DELETE {path}", "media.delete", file, answers=a.DELETED_MEDIA)
