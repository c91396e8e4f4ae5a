"""Banners above the content of every page of the admin, while something stops posts."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from django.http import HttpRequest
from django.urls import reverse

from config.status.table import measure

#: So many pauses have a banner each.
MOST_PAUSES = 3


class Banner(NamedTuple):
    """`text` says what is so and what follows; `url` leads to where it is changed, if anywhere."""

    text: str
    url: str = ""
    label: str = ""


def the_tick(request: HttpRequest) -> Iterator[Banner]:
    """The tick does not run."""
    [tick] = measure(["tick"])
    if not tick.is_ok:
        text = f"{tick.value} Posts may not be published at their time."
        if request.user.has_perm("django_celery_beat.change_periodictask"):
            url = reverse("admin:django_celery_beat_periodictask_changelist")
            yield Banner(text, url, "Periodic tasks")
        else:
            yield Banner(f"{text} An administrator can switch it on.")


def paused(request: HttpRequest) -> Iterator[Banner]:
    """Each pause, the widest first."""
    [found] = measure(["pauses"])
    active = found.value
    may = request.user.has_perm("destinations.change_pause")
    for pause, finding in zip(active[:MOST_PAUSES], found.findings, strict=False):
        text = f"Publishing is paused: {finding.said}"
        url = reverse("admin:destinations_pause_resume", args=[pause.pk])
        yield Banner(text, url, "Resume…") if may else Banner(text)
    if (more := len(active) - MOST_PAUSES) > 0:
        url = reverse("admin:destinations_pause_changelist")
        yield Banner(f"{more} more are paused.", url, "Pauses")


#: Each adds its own, at most one query each.
SOURCES: tuple[Callable[[HttpRequest], Iterator[Banner]], ...] = (the_tick, paused)


def banners_for(request: HttpRequest) -> list[Banner]:
    return [banner for source in SOURCES for banner in source(request)]
