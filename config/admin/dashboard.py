"""The admin's first page: counts of what needs attention, each a link to its list.

The lists filter by the same conditions as the counts, so that they agree.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from redis.exceptions import RedisError

from config.admin.sidebar import may_view
from config.queue import workers
from destinations.admin import filters
from destinations.dispatch import heartbeat, lateness
from destinations.models import Account, Destination
from destinations.runtime import clock
from platforms.registry import ADAPTERS

#: Beyond this the number is shown as "at least".
COUNTED_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Card:
    """`level` is fine, look or act."""

    label: str
    value: str
    note: str
    url: str
    level: str = "fine"


def show(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Unfold's DASHBOARD_CALLBACK: adds the cards that this operator may see."""
    cards: list[Card] = []
    if may_view(request, "django_celery_beat", "periodictask"):
        cards.extend(_processes())
    if may_view(request, "destinations", "destination"):
        cards.extend(_destinations())
    if may_view(request, "destinations", "account"):
        cards.extend(_accounts())
    return {**context, "title": "Overview", "cards": cards, "as_of": clock.now()}


def _processes() -> Iterator[Card]:
    url = reverse("admin:django_celery_beat_periodictask_changelist")
    for label, read in (("Last tick of beat", _beat), ("Workers", _workers)):
        try:
            value, note, level = read()
        except RedisError:
            value, note, level = "unknown", "Redis does not answer", "act"
        yield Card(label, value, note, url, level)


def _beat() -> tuple[str, str, str]:
    ticked_at = heartbeat.last_tick()
    if ticked_at is None:
        return "never", "none since Redis was emptied", "act"
    seconds = (clock.now() - ticked_at).total_seconds()
    if seconds > settings.TICK_LIMIT_SECONDS:
        return f"{age(seconds)} ago", "posts that become due wait", "act"
    return f"{age(seconds)} ago", "posts are started on time", "fine"


def _workers() -> tuple[str, str, str]:
    kinds = workers.kinds()
    value = ", ".join(f"{kind.alive} {name}" for name, kind in kinds.items())
    if missing := [name for name, kind in kinds.items() if kind.unserved]:
        return value, f"not alive: {', '.join(missing)}", "act"
    return value, "every queue is served", "fine"


def _destinations() -> Iterator[Card]:
    questions = filters.attention()
    yield _late(questions["late"])
    for name, label, note, level in (
        ("unconfirmed", "Unconfirmed", "may be public; being looked up", "look"),
        (
            "may_be_public",
            "Failed, may be public",
            "an operator must check and resolve them",
            "act",
        ),
        ("failed_24h", "Failed in the last 24 h", "will not be retried", "act"),
        ("retry_waiting", "Retries waiting", "will be retried automatically", "look"),
    ):
        rows = Destination.objects.filter(questions[name])
        yield _counted(rows, label, note, _list("destination", attention=name), level)


def _late(question: Q) -> Card:
    """Posts that should have begun; names each network that is late beyond the limit."""
    url, label = _list("destination", attention="late"), "Waiting to begin"
    oldest = sorted(lateness.oldest().items(), key=lambda each: -each[1])
    late = [(name, seconds) for name, seconds in oldest if seconds > settings.LATE_LIMIT_SECONDS]
    named = ", ".join(f"{ADAPTERS[name].name} {age(seconds)}" for name, seconds in late)
    level, note = ("act", f"late: {named}") if late else ("fine", f"oldest: {age(oldest[0][1])}")
    card = _counted(Destination.objects.filter(question), label, note, url, level)
    return card if oldest[0][1] else replace(card, note="nothing is waiting", level="fine")


def _accounts() -> Iterator[Card]:
    questions = filters.health()
    for name, label, note in (
        ("reconnect", "Accounts to reconnect", "the customer must reconnect them"),
        ("held", "Accounts held", "rate limited; released automatically"),
    ):
        rows = Account.objects.filter(questions[name])
        yield _counted(rows, label, note, _list("account", health=name), "look")


def _counted(rows: Any, label: str, note: str, url: str, level: str) -> Card:
    """`level` applies if there is any row; none is fine."""
    count = rows[: COUNTED_ROWS + 1].count()
    value = f"{count:,}" if count <= COUNTED_ROWS else f"{COUNTED_ROWS:,}+"
    return Card(label, value, note, url, level if count else "fine")


def _list(model: str, **query: str) -> str:
    [(name, value)] = query.items()
    return f"{reverse(f'admin:destinations_{model}_changelist')}?{name}={value}"


def age(seconds: float) -> str:
    """A duration as people say it: `42 s`, `5 min`, `3 h`, `2 d`."""
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} s"
