"""What tests of Threads ask of its simulator."""

from typing import Any

from platforms.drafts import Credentials
from tests.platforms.meta.containers import USER, Bench

SIX_LINKS = " ".join(f"https://example.com/{n}" for n in range(6))
BASIC = ("threads_basic", "threads_content_publish")


def grant(b: Bench, *scopes: str) -> None:
    """The account's token from now on allows no more than this."""
    extra = {"scopes": [*BASIC, *scopes]}
    token = b.simulator.connect("threads", USER, username="acme", extra=extra)
    b.account = Credentials(USER, "acme", token)


def ask(b: Bench, path: str, **body: Any) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {b.account.token}"}
    url = f"/graph.threads.net/v1.0/{path}"
    return b.simulator.http.post(url, headers=headers, json=body).json()
