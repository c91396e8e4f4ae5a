"""The n8n node and its trigger: what they send, replayed, and what they read of the answers.

They know one origin, so they reach this installation by a host of `COMPAT_HOSTS`, at /api/v1.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.acceptance.stack import COMPAT_HOST
from tests.clients.published import answers as a
from tests.clients.published.ground import Ground, in_future
from tests.clients.published.journal import UNKNOWN, Journal, Refused
from tests.clients.published.shape import problems

META = {"request_id": "text", "timestamp": "time"}
ALL = 100
#: What its menus offer.
STATUSES = "draft,failed,partially_failed,published,publishing,scheduled"
NETWORKS = ",".join(a.PLATFORMS)


@dataclass
class N8n:
    http: httpx.Client
    #: What is wrong with what stands around each answer's `data`.
    wrong: set[str] = field(default_factory=set)
    name = "n8n"

    def call(self, method: str, *arguments: Any) -> Any:
        """`arguments`: method, path, body and query of one request; its answer's `data`."""
        verb, path, body, query = (*arguments, None, None)[:4]
        answer = self.http.request(verb, path, json=body, params=query)
        said = answer.json()
        if answer.is_error:
            raise Refused(said["error"]["message"])
        self.wrong |= set(problems({"error": (None,), "meta": META}, said, "the envelope"))
        return said["data"]

    def status(self, verb: str, path: str) -> int:
        return self.http.request(verb, path).status_code


@contextmanager
def running(ground: Ground) -> Iterator[N8n]:
    headers = {
        "Authorization": f"Bearer {ground.key}",
        "Host": COMPAT_HOST,
        "Accept": "application/json",
    }
    url = f"{ground.stack.url}/api/v1"
    with httpx.Client(base_url=url, headers=headers, timeout=30, trust_env=False) as http:
        yield N8n(http)


def play(ground: Ground, _: Path) -> Journal:
    with running(ground) as n8n:
        journal = Journal(n8n).play(
            ground,
            (
                tests_its_credential,
                creates,
                pages,
                edits,
                deletes,
                retries,
                keeps_media,
                asks,
                triggers,
            ),
        )
    journal.problems += sorted(n8n.wrong)
    return journal


def tests_its_credential(j: Journal, ground: Ground) -> None:
    j.call("GET /me", "credential test", "GET", "me", answers=a.ME)
    found = j.call("GET /accounts", "account getAll", "GET", "accounts", answers=a.ACCOUNTS)
    j.equal("accounts", [each["id"] for each in found.get("accounts", [])], ground.accounts)
    path = f"accounts/{ground.of('x')}"
    j.call("GET /accounts/{id}", "account get", "GET", path, answers=a.ACCOUNT)


def create(j: Journal, body: Mapping[str, Any], answers: Any = a.CREATED) -> dict[str, Any]:
    return j.call("POST /posts", "post create", "POST", "posts", body, answers=answers)


def creates(j: Journal, ground: Ground) -> None:
    """Each mode, and content missing where files or a network's own text are given."""
    x = [ground.of("x")]
    fetched = {"url": ground.picture()}
    file = j.call(
        "POST /media/upload-from-url",
        "media uploadFromUrl",
        *("POST", "media/upload-from-url", fetched),
        answers=a.FETCHED,
    ).get("media_id", UNKNOWN)
    ground.arrived(file)
    now = create(j, {"content": "n8n: now", "account_ids": ground.accounts})
    silent = create(j, {"account_ids": x, "media_ids": [file]})
    own = {"x": {"content": "n8n: own text"}}
    texted = create(j, {"account_ids": x, "platform_content": own})
    at = in_future(seconds=8)
    timed = {"content": "n8n: at its time", "account_ids": x, "timezone": "Europe/Berlin"}
    create(j, timed | {"scheduled_for": at})
    ground.published(*(post.get("post_id", UNKNOWN) for post in (now, silent, texted)))
    j.equal("now", ground.on_the_wall("n8n: now"), ground.places())
    j.equal("only a file", ground.on_the_wall(""), ground.places(*x))
    j.equal("its own text", ground.on_the_wall("n8n: own text"), ground.places(*x))
    ground.at_its_time(j, "n8n: at its time", at)
    draft = create(j, {"content": "n8n: draft", "draft": True}, a.DRAFT)
    path = f"posts/{draft.get('post_id', UNKNOWN)}/schedule"
    name = "POST /posts/{id}/schedule"
    body = {"publish_now": True, "account_ids": x}
    j.call(name, "post schedule", "POST", path, body, answers=a.SCHEDULED)
    queued = create(j, {"content": "n8n: queued", "account_ids": x, "use_queue": True})
    j.equal("queued, its status", queued.get("status"), "scheduled")


def pages(j: Journal, ground: Ground) -> None:
    """By `has_more`, a hundred at a time: every post once."""
    body = {"account_ids": [ground.of("x")], "scheduled_for": in_future(hours=3)}
    for start in range(0, 120, 50):
        posts = [body | {"content": f"n8n: page {start + n}"} for n in range(50)]
        ground.team.http.post("posts/bulk", json={"posts": posts}).raise_for_status()
    asked = {"search": "n8n: page", "status": "scheduled", "limit": ALL}
    seen: list[str] = []
    for _ in range(3):
        found = j.call(
            *("GET /posts", "post getAll", "GET", "posts", None),
            {**asked, "offset": len(seen)},
            answers=a.POSTS,
        )
        seen += [post["id"] for post in found.get("posts", [])]
        if not found or not found["pagination"]["has_more"]:
            break
    j.equal("posts, each once", (len(seen), len(set(seen))), (150, 150))
    menus = {"status": STATUSES, "platform": NETWORKS, "limit": 50, "offset": 0}
    name = "GET /posts", "post getAll"
    found = j.call(*name, "GET", "posts", None, menus, answers=a.POSTS)
    j.equal("everything on the menus", found and found["total"] >= 150, True)
    none = j.call(*name, "GET", "posts", None, {**menus, "platform": "pinterest"}, answers=a.POSTS)
    j.equal("on a network without a post", none.get("posts"), [])


def edits(j: Journal, ground: Ground) -> None:
    wanted = {"content": "n8n: later", "account_ids": ground.accounts}
    post = create(j, wanted | {"scheduled_for": in_future(hours=3)})
    path, name = f"posts/{post.get('post_id', UNKNOWN)}", "/posts/{id}"
    j.call(f"GET {name}", "post get", "GET", path, answers=a.POST)
    change = {"content": "n8n: edited", "scheduled_for": in_future(hours=4), "timezone": "UTC"}
    edited = j.call(f"PATCH {name}", "post update", "PATCH", path, change, answers=a.POST)
    j.equal("the change", {field: edited.get(field) for field in change}, change)
    results = f"GET {name}/results"
    j.call(results, "post getResults", "GET", f"{path}/results", answers=a.RESULTS)
    gone = j.call(f"DELETE {name}", "post delete", "DELETE", path, answers=a.DELETED_POST)
    j.equal("deleted", gone.get("deleted"), True)


def deletes(j: Journal, ground: Ground) -> None:
    """A published post, on X too: asked again until it is gone there."""
    post = create(j, {"content": "n8n: to delete", "account_ids": ground.accounts})
    number = post.get("post_id", UNKNOWN)
    ground.published(number)
    request = ("DELETE", f"posts/{number}", None, {"delete_on_platforms": "x"})
    for _ in range(10):
        gone = j.call("DELETE /posts/{id}", "post delete", *request, answers=a.DELETED_POST)
        if gone.get("deleted", True):
            break
    j.equal("deleted", gone.get("deleted"), True)
    left = ground.on_the_wall("n8n: to delete")
    j.equal("left", left, ground.places(ground.of("linkedin")))


def retries(j: Journal, ground: Ground) -> None:
    post = ground.failing()
    name = "POST /posts/{id}/retry"
    retried = j.call(name, "post retry", "POST", f"posts/{post}/retry", answers=a.RETRIED)
    j.equal("retried", retried.get("retried_count"), 1)
    ground.published(post)


def keeps_media(j: Journal, _: Ground) -> None:
    query = {"type": "image", "limit": 50, "offset": 0}
    name = "GET /media", "media getAll"
    found = j.call(*name, "GET", "media", None, query, answers=a.MEDIA_LIST)
    j.equal("files", len(found.get("media", [])), 1)


def asks(j: Journal, _: Ground) -> None:
    summary = "GET /analytics/summary", "analytics getSummary"
    custom = {"period": "custom", "from": in_future(days=-2), "to": in_future(days=1)}
    for query in ({"period": "month"}, custom):
        j.call(*summary, "GET", "analytics/summary", None, query, answers=a.SUMMARY)
    body = {"topic": "Pigeons", "tone": "professional", "length": "medium", "count": 2}
    caption = "POST /ai/generate-caption", "ai generateCaption"
    j.call(*caption, "POST", "ai/generate-caption", body, answers=a.CAPTIONS)


def triggers(j: Journal, ground: Ground) -> None:
    """Make a hook, look at each start whether it is as wanted, hear, remove it, find it gone."""
    url, events = ground.receiver(), ["post.published", "post.failed"]
    wanted = {"url": url, "events": events, "name": "n8n: Flow", "description": "By the trigger."}
    made = j.call(
        *("POST /webhooks", "trigger create", "POST", "webhooks", wanted), answers=a.NEW_WEBHOOK
    )
    path, name = f"webhooks/{made.get('id', UNKNOWN)}", "/webhooks/{id}"
    seen = j.call(f"GET {name}", "trigger checkExists", "GET", path, answers=a.WEBHOOK)
    told = (seen.get("url"), seen.get("is_active"), sorted(seen.get("events", [])))
    j.equal("the hook", told, (url, True, sorted(events)))
    hears(j, ground, made.get("secret", ""))
    j.call(f"DELETE {name}", "trigger delete", "DELETE", path, answers=a.DELETED_WEBHOOK)
    j.equal("after it", j.client.status("GET", path), 404)


def hears(j: Journal, ground: Ground, secret: str) -> None:
    """One event per account, signed as the trigger verifies it: by the whole secret."""
    post = create(j, {"content": "n8n: heard", "account_ids": ground.accounts})
    heard = ground.stranger.received
    ground.stack.wait("both events", lambda: len(heard) >= len(ground.accounts))
    for headers, body in heard:
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        told = headers["X-PostEverywhere-Signature"]
        j.equal("the signature", told, f"sha256={signature}")
        j.problems += [f"event: {each}" for each in problems(a.EVENT, json.loads(body))]
    said = sorted(json.loads(body)["data"]["account_id"] for _, body in heard)
    j.equal("an event for each account", said, sorted(ground.accounts))
    posts = {json.loads(body)["data"]["post_id"] for _, body in heard}
    j.equal("of the post", posts, {post.get("post_id")})
