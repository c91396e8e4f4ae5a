"""What every page of the admin says above its content: something is off that stops posts."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.timesince import timesince

from config.queue import tick
from destinations import pauses
from destinations.runtime import clock

#: So many pauses have a banner each.
MOST_PAUSES = 3


class Banner(NamedTuple):
    """`text` says what is so and what follows; `url` leads to where it is changed, if anywhere."""

    text: str
    url: str = ""
    label: str = ""


def the_tick(request: HttpRequest) -> Iterator[Banner]:
    """The tick does not run."""
    if wrong := tick.warning():
        text = f"{wrong} Posts may not be published at their time."
        if request.user.has_perm("django_celery_beat.change_periodictask"):
            url = reverse("admin:django_celery_beat_periodictask_changelist")
            yield Banner(text, url, "Periodic tasks")
        else:
            yield Banner(f"{text} An administrator can switch it on.")


def paused(request: HttpRequest) -> Iterator[Banner]:
    """What is paused, the widest first."""
    active = pauses.active()
    may = request.user.has_perm("destinations.change_pause")
    for pause in active[:MOST_PAUSES]:
        since = timesince(pause.paused_at, clock.now(), depth=1)
        by = pause.paused_by.removeprefix("operator:")
        text = f"Publishing is paused: {pause.name}, by {by}, for {since}. {pause.reason}"
        url = reverse("admin:destinations_pause_resume", args=[pause.pk])
        yield Banner(text, url, "Resume…") if may else Banner(text)
    if (more := len(active) - MOST_PAUSES) > 0:
        url = reverse("admin:destinations_pause_changelist")
        yield Banner(f"{more} more are paused.", url, "Pauses")


#: Each adds its own, at most one query each.
SOURCES: tuple[Callable[[HttpRequest], Iterator[Banner]], ...] = (the_tick, paused)


def of(request: HttpRequest) -> list[Banner]:
    return [banner for source in SOURCES for banner in source(request)]


def stylesheet(request: HttpRequest) -> str:
    """Of the pages of pauses, and of the lines about them on other pages."""
    return static("dovecote/pauses.css")
