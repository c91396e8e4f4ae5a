"""Networks that fetch files from us, while our own web host is away."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.acceptance.stack import Stack
from tests.posts.media import videos

pytestmark = pytest.mark.thorough

STANDING = """
SELECT d.platform, d.status, d.error_code, d.failures FROM destinations_destination d
WHERE d.account_number = ANY(%s) ORDER BY 1
"""
PULLING = ("instagram", "threads")


def is_ready(stack: Stack) -> bool:
    try:
        return httpx.get(f"{stack.url}/healthz", trust_env=False).is_success
    except httpx.HTTPError:
        return False


def test_posts_wait_for_our_web_host_and_go_on_within_seconds(stack: Stack):
    team = stack.team(instagram=1, threads=1, x=1)
    media = team.upload("dove.jpg", "image/jpeg", videos.picture(400, 400))
    soon = (datetime.now(UTC) + timedelta(seconds=5)).isoformat()
    post = team.post("A dove", media_ids=[media], scheduled_at=soon)

    def standing() -> dict[str, tuple[str, str, int]]:
        rows = stack.rows(STANDING, list(team.accounts))
        return {platform: tuple(rest) for platform, *rest in rows}

    stack.stop("web")
    try:
        waits = dict.fromkeys(PULLING, ("publishing", "media_host_away", 0))
        expected = {**waits, "x": ("published", "", 0)}
        stack.wait("two wait and one is out", lambda: standing() == expected)
    finally:
        stack.start("web")
    stack.wait("web is back", lambda: is_ready(stack))
    back_at = datetime.now(UTC)

    results = team.published(post)

    team.assert_each_once(results)
    assert {result["attempts"] for result in results if result["network"] in PULLING} == {2}
    # A pause of 15 s, and what a busy machine needs.
    assert datetime.now(UTC) - back_at < timedelta(seconds=45)
    assert {failures for *_, failures in standing().values()} == {0}
