"""The most expensive requests that the API's size limits let in: 1 MB of the costliest content.

`tests/posts/api/test_worst_requests.py` and `python -m tests.bench.requests` send the same ones.
"""

import json
import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from destinations import manual_retry
from platforms.registry import ADAPTERS
from posts.models import Workspace
from tests.factories import make_account, make_post

#: What one of them may cost the web process, and how large the answer to a refused one may be.
CPU_SECONDS = 0.5
ANSWER_BYTES = 65_536
FUTURE = "2099-03-15T14:00:00Z"
#: Just under the largest body.
ROOM = 990_000
#: For each network of a request that has a text for all.
OWN = (ROOM - 80_000) // len(ADAPTERS)
#: Marks in the wrong order: sorting them pair by pair takes the square of their number.
MARKS = "\u0f71\u0f72\u0f74"
#: The longest domain that X takes for one link of 23 characters.
LONG_LINK = "a." * 2_040 + "com "
TEXTS = {
    "marks in the wrong order": MARKS,
    "labels without a domain": "a.",
    "bare links": "a.com ",
    "links in one run": "a.com.",
    "top-level domains": "co.",
    "the longest links": LONG_LINK,
    "ideographs": "\u4e00",
    "emoji": "\U0001f600",
    "joined signs": "\u2010\u200d",
    "letters": "a",
}


@dataclass(frozen=True)
class World:
    """What the requests name: accounts on X, one account of each network, posts of both kinds."""

    x: list[int]
    every: list[int]
    scheduled: str
    failed: str
    destination: str


def make_world(workspace: Workspace) -> World:
    x = [make_account(workspace, "x") for _ in range(30)]
    every = [make_account(workspace, platform) for platform in ADAPTERS]
    scheduled = make_post(workspace, x, scheduled_for=datetime.fromisoformat(FUTURE))
    failed = make_post(
        workspace,
        x[:1],
        status="failed",
        due_at=None,
        error="It may be public.",
        error_code=manual_retry.MAY_BE_PUBLIC,
    )
    return World(
        [account.pk for account in x],
        [account.pk for account in every],
        scheduled.public_id,
        failed.public_id,
        failed.destinations.get().public_id,
    )


@dataclass(frozen=True)
class Wanted:
    name: str
    method: str
    path: str
    raw: bytes = b""
    content: Any = None

    @property
    def body(self) -> bytes:
        """Written only when it is sent: each takes a million bytes."""
        if self.content is None:
            return self.raw
        written = json.dumps(self.content, ensure_ascii=False, separators=(",", ":")).encode()
        assert len(written) <= 1_000_000, (self.name, len(written))
        return written


def filled(unit: str, room: int = ROOM) -> str:
    """As many whole units as fit into this many bytes of JSON in UTF-8."""
    return unit * (room // len(unit.encode()))


def texts(world: World, names: Collection[str] = TEXTS) -> Iterator[Wanted]:
    """Text that is too long, or as long as it may be, wherever text is taken."""
    resolve = f"/posts/{world.failed}/destinations/{world.destination}/resolve"
    for name in names:
        unit = TEXTS[name]
        long = {"content": filled(unit, ROOM - 10_000), "account_ids": world.x + world.every}
        yield _json(f"post: {name}", "POST", "/posts", long)
        yield _json(f"validate: {name}", "POST", "/posts/validate", long)
        yield _json(f"preview: {name}", "POST", "/posts/preview", long)
        yield _json(f"edit: {name}", "PATCH", f"/posts/{world.scheduled}", long)
        part = {"content": filled(unit, 18_000), "account_ids": world.x}
        yield _json(f"bulk: {name}", "POST", "/posts/bulk", {"posts": [part] * 50})
        part = {"content": filled(unit, 5_700), "account_ids": world.x[:20]}
        yield _json(f"smaller bulk: {name}", "POST", "/posts/bulk", {"posts": [part] * 50})
        own = {key: {"content": filled(unit, OWN)} for key in ADAPTERS}
        several = {"content": "Hi", "account_ids": world.every, "platform_content": own}
        yield _json(f"each network its own: {name}", "POST", "/posts", several)
        yield _json(f"its own in a preview: {name}", "POST", "/posts/preview", several)
        chain = {"thread": [f"{n} {filled(unit, 39_000)}" for n in range(24)]}
        parts = {
            "content": "Hi",
            "account_ids": world.x,
            "platform_content": {"x": {"settings": chain}},
        }
        yield _json(f"thread: {name}", "POST", "/posts/validate", parts)
        # One of each, and nothing is found.
        word = quote(f"{filled(unit, 60_000)[:199]}~")
        yield Wanted(f"search: {name}", "GET", f"/posts?search={word}")
        said = {"outcome": "published", "platform_post_url": f"https://x.com/{filled(unit)}"}
        yield _json(f"link: {name}", "POST", resolve, said)


WRONG: dict[str, Any] = {
    "lists": [[]] * (ROOM // 3),
    "fewer lists": [[]] * 4_900,
    "objects": [{}] * (ROOM // 3),
    "empty words": [""] * (ROOM // 3),
    "fewer words": ["\u0001\u0001"] * 49_000,
    "numbers": [1] * (ROOM // 2),
    "ids": [str(uuid.UUID(int=n)) for n in range(ROOM // 39)],
    "500 wrong": [["x" * 1_900]] * 500,
    "long numbers": [10**4000 + n for n in range(240)],
    "objects by name": {f"{n}": 1 for n in range(ROOM // 11)},
    "objects by id": {str(uuid.UUID(int=n)): "a" for n in range(ROOM // 43)},
    "a long word": "\u0001" * (ROOM // 6),
    "another long word": "\u00e9" * (ROOM // 2),
}


def fields(world: World) -> dict[str, tuple[str, ...]]:
    """What every endpoint that writes takes."""
    failed = f"/posts/{world.failed}"
    return {
        "/posts": (
            *("content", "account_ids", "media_ids", "alt_texts", "platform_content"),
            *("timezone", "scheduled_at", "draft", "publish_now"),
        ),
        f"{failed}/schedule": ("account_ids", "scheduled_for", "timezone", "publish_now"),
        f"{failed}/retry": ("account_ids", "confirm_not_published", "seen_attempts"),
        "/posts/retry-failed": (
            *("post_ids", "account_id", "platform", "failed_after", "max_attempts"),
            *("seen_attempts", "confirm_not_published"),
        ),
        "/posts/bulk": ("posts",),
        "/media/upload": ("filename", "content_type", "size", "platforms", "width", "duration"),
        "/media/upload-from-url": ("url", "filename"),
        "/accounts/connect-link": ("platform", "login"),
        "/auth/social-connect/start": ("platform", "mode", "account_id"),
        "/webhooks": ("url", "events", "name", "description"),
        "/campaigns": ("name", "description", "color", "status"),
        "/queues": ("name", "slots", "timezone", "account_ids", "max_posts_per_slot"),
        f"{failed}/destinations/{world.destination}/resolve": (
            *("outcome", "platform_post_url", "platform_post_id", "published_at"),
            "seen_attempts",
        ),
    }


def shapes(world: World, names: Collection[str] = WRONG) -> Iterator[Wanted]:
    """A million bytes of small wrong things, wherever a list, an object or a word is taken."""
    base = {"content": "Hi", "account_ids": world.x}
    scheduled = f"/posts/{world.scheduled}"
    for name in names:
        value = WRONG[name]
        for path, taken in fields(world).items():
            given = base if path == "/posts" else {}
            for field in taken:
                body = {**given, field: value}
                yield _json(f"{path} {field}: {name}", "POST", path, body)
        for where, own in {
            "content": {"content": value},
            "contentType": {"contentType": value},
            "settings": {"settings": value},
            "thread": {"settings": {"thread": value}},
        }.items():
            body = {**base, "platform_content": {"x": own}}
            yield _json(f"/posts own {where}: {name}", "POST", "/posts", body)
            yield _json(f"edit own {where}: {name}", "PATCH", scheduled, body)
        bulk = {"posts": [{**base, "account_ids": value}]}
        yield _json(f"bulk account_ids: {name}", "POST", "/posts/bulk", bulk)
        yield _json(f"the body: {name}", "POST", "/posts", value)


def forms(world: World) -> Iterator[Wanted]:
    """Bodies that are deep, wide, or wrong many times over."""
    wrong = [
        [],
        {},
        {"content": ["x" * 19_000]},
        {"content": "Hi", "account_ids": [[]] * 30},
        {"content": "Hi", "account_ids": world.x, "media_ids": ["\u0001" * 30] * 100},
        {"content": "Hi", "account_ids": world.x, "\u0001" * 200: 1},
        {"content": "y" * 18_000, "account_ids": world.every},
    ]
    for each in wrong:
        body = {"posts": [each] * 50}
        yield _json(f"bulk of {json.dumps(each)[:40]}", "POST", "/posts/bulk", body)
    many = {"content": "Hi", "account_ids": world.every * 60}
    yield _json("bulk for too many", "POST", "/posts/bulk", {"posts": [many] * 50})
    deep = b"[" * (ROOM // 2) + b"]" * (ROOM // 2)
    yield Wanted("deep", "POST", "/posts", deep)
    yield Wanted("deep objects", "POST", "/posts", b'{"a":' * 150_000 + b"1" + b"}" * 150_000)
    wide = b"[" + b",".join([b"[[[[[[[[[[]]]]]]]]]]"] * 47_000) + b"]"
    yield Wanted("wide and deep", "POST", "/posts", wide)
    yield Wanted("a name twice", "POST", "/posts", b"{" + b",".join([b'"a":1'] * 160_000) + b"}")
    escaped = b"[" + b",".join([b'"\\u0041"'] * 100_000) + b"]"
    yield Wanted("escaped letters", "POST", "/posts", escaped)


def _json(name: str, method: str, path: str, content: Any) -> Wanted:
    return Wanted(name, method, path, content=content)
