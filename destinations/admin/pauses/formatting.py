"""Counts and times as the pages of pauses show them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.timesince import timesince

from destinations.models import Pause
from destinations.pauses import held_counts
from destinations.runtime import clock

LIST = "admin:destinations_pause_changelist"


def at_least(count: int) -> str:
    """A count that ended at its bound reads as "at least"."""
    return f"{held_counts.MOST:,}+" if count > held_counts.MOST else f"{count:,}"


def posts(count: int) -> str:
    return f"{at_least(count)} post{'' if count == 1 else 's'}"


def age(moment: datetime) -> str:
    now = clock.now()
    if now - moment < timedelta(minutes=1):
        return "just now"
    return f"{timesince(moment, now, depth=1)} ago"


def ago(moment: datetime) -> str:
    """`2026-11-26 09:00 UTC (12 minutes ago)`."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC ({age(moment)})"


def when(moment: datetime, by: str) -> str:
    return f"{ago(moment)}, by {by.removeprefix('operator:')}"


def capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def new_url(scope: str, target: object = "") -> str:
    """The page that asks whether to pause this."""
    return f"{reverse('admin:destinations_pause_pause')}?scope={scope}&target={target}"


def end_url(pause: Pause) -> str:
    """The page that asks whether to resume it."""
    return reverse("admin:destinations_pause_resume", args=[pause.pk])


def of_page(
    request: HttpRequest, scope: str, target: object, pause: Pause | None
) -> dict[str, Any]:
    """For `destinations/admin/pauses/button.html`: the pause in force, and where to change it."""
    may = request.user.has_perm("destinations.change_pause")
    url = end_url(pause) if pause else new_url(scope, target)
    return {"pause": pause, "pause_url": url if may else ""}
