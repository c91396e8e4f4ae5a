"""The calls of the API whose cost is measured."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from posts.models import Post

#: Checks that store nothing, which may cost so many times what the same post costs.
CHECKS = ("POST /posts/preview", "POST /posts/validate")
CHECKED = "POST /posts, scheduled"


@dataclass(frozen=True)
class Case:
    """One kind of call: `body(number)` is the JSON of each, `reference` the bare case's name."""

    name: str
    method: str
    path: str
    reference: str
    body: Callable[[int], Any] | None = None
    headers: Callable[[int], dict[str, str]] = field(default=lambda number: {})
    #: The WSGI application that answers; None: the product.
    app: Any = None


def _soon() -> str:
    return f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%dT%H:%M:%SZ}"


def _named(number: int) -> dict[str, str]:
    return {"HTTP_IDEMPOTENCY_KEY": f"{uuid.uuid4()}"}


def note(number: int) -> dict[str, Any]:
    return {"title": f"Note {number}", "count": number, "is_open": True}


def posting(accounts: list[int]) -> list[Case]:
    """POST /posts for these accounts, by when it is published and whether it is named."""

    def now(number: int) -> dict[str, Any]:
        return {"content": f"Post number {number}, for all of you", "account_ids": accounts}

    def later(number: int) -> dict[str, Any]:
        return {**now(number), "scheduled_at": _soon()}

    def bulk(number: int) -> dict[str, Any]:
        return {"posts": [later(number * 10 + each) for each in range(10)]}

    path, reference = "/api/v1/posts", "bare POST"
    return [
        Case("POST /posts, scheduled", "POST", path, reference, later),
        Case("POST /posts, scheduled, named", "POST", path, reference, later, _named),
        Case("POST /posts, at once", "POST", path, reference, now),
        Case("POST /posts, at once, named", "POST", path, reference, now, _named),
        Case("POST /posts/bulk of 10", "POST", f"{path}/bulk", reference, bulk),
        *(
            Case(name, "POST", f"/api/v1{name.removeprefix('POST ')}", CHECKED, later)
            for name in CHECKS
        ),
    ]


def reading(post: Post, account: int) -> list[Case]:
    """Reads of a workspace with many posts, of which this is one."""
    lists = {
        "": "",
        " by status": "?status=scheduled",
        " by account": f"?account_id={account}",
        " by network": "?platform=x",
        " of 50": "?limit=50",
        " by text": "?search=every%20colour",
        ", 50th page": "?offset=980",
    }
    one = f"/api/v1/posts/{post.public_id}"
    paths = {f"GET /posts{name}": f"/api/v1/posts{query}" for name, query in lists.items()}
    paths |= {"GET a post": one, "GET results": f"{one}/results", "GET events": f"{one}/events"}
    return [Case(name, "GET", path, "bare GET") for name, path in paths.items()]
