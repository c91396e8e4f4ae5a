"""What customers do with posts of the former version once the new one runs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import psycopg

from tests.factories import AUDIENCE
from tests.upgrade.cases import Case, Cases

#: What a workspace chooses once, as CHANGELOG.md tells those who upgrade.
CHOSEN = {"platform_settings": AUDIENCE}
#: Fifteen minutes pass for what waits for its next retry.
SOON_SECONDS = 5
LATER = """
UPDATE destinations_destination SET due_at = now(), next_retry_at = now()
WHERE next_retry_at > now() AND status = 'failed'
"""


def upgrade(cases: Cases) -> None:
    """Customers do what the new version needs of them, as soon as it answers."""
    cases.ground.until("the new version answers", lambda: _answers(cases))
    _send(cases, "PATCH", "post-defaults", CHOSEN)


def go_on(cases: Cases) -> None:
    """Every customer goes on with what they had begun, and asks for more."""
    everything = cases.all
    cases.ground.mend()
    for post in everything["draft"].posts:
        _send(cases, "POST", f"posts/{post}/schedule", {"publish_now": True})
    for post in everything["failed"].posts:
        _send(cases, "POST", f"posts/{post}/retry", {})
    _edit(cases, everything["scheduled, then edited"])
    cases.delete(everything["scheduled, then cancelled"])
    _resolve(cases, everything["may be live"])
    with psycopg.connect(cases.ground.servers.database_url) as connection:
        connection.execute(LATER)
    cases.ask("new")


def _answers(cases: Cases) -> bool:
    """Whether the API answers a customer."""
    try:
        return cases.ground.team.http.get("me").is_success
    except httpx.TransportError:
        return False


def _send(cases: Cases, method: str, path: str, body: dict[str, Any]) -> Any:
    answer = cases.ground.team.http.request(method, path, json=body)
    assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
    return answer.json()["data"]


def _edit(cases: Cases, case: Case) -> None:
    """The former text must never be public, the new one once, at its new time."""
    due_at = datetime.now(UTC) + timedelta(seconds=SOON_SECONDS)
    edited = Case(f"{case.name}: new text", case.posts)
    for post, old in zip(case.posts, dict.fromkeys(each.mark for each in case.asked), strict=True):
        mark = f"mark{cases.ground.rng.getrandbits(48):012x}"
        body = {"content": f"Edited {mark}", "scheduled_at": due_at.isoformat()}
        _send(cases, "PATCH", f"posts/{post}", body)
        mine = [each for each in case.asked if each.mark == old]
        edited.asked += [replace(each, mark=mark, due_at=due_at) for each in mine]
    cases.all[edited.name] = edited
    cases.replace(case, [replace(each, wish="never") for each in case.asked])


def _resolve(cases: Cases, case: Case) -> None:
    """A person has looked, and gives the link."""
    links = {post["text"].split()[-1]: post["url"] for post in cases.ground.team.wall()}
    for post, asked in zip(case.posts, case.asked, strict=True):
        (result,) = cases.ground.team.results(post)
        body = {"outcome": "published", "platform_post_url": links[asked.mark]}
        _send(cases, "POST", f"posts/{post}/destinations/{result['id']}/resolve", body)
