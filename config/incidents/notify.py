"""Tell people of incidents: when one begins, becomes worse, and is over."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from config.models import Incident
from config.status import wording
from config.status.notifications import Receiver, receivers, send
from destinations.runtime import clock

#: A worker that is restarted, or one slow moment, wakes no one.
AFTER = timedelta(seconds=45)
#: The least time between two messages about an incident.
PAUSE = timedelta(minutes=15)
OVER = "over"
#: What messages are called by Apprise.
KINDS = {"problem": "failure", "warning": "warning"}


class Notice(NamedTuple):
    """An incident as it was before it was told, to be told again if that fails."""

    incident: Incident
    told: str
    told_at: datetime | None

    @property
    def levels(self) -> set[str]:
        """Return whom it concerns: what became worse, those too who were told of it before."""
        return {self.told} if self.incident.closed_at else {self.told, self.incident.level}


def tell() -> bool:
    """Tell each receiver in one message what is new to it. False: something was told to no one."""
    if not (everyone := receivers()):
        return True
    now = clock.now()
    notices = _take(now, everyone)
    told = set[Notice]()
    for theirs, to in _by_receivers(notices, everyone):
        if any(send(*message([each.incident for each in theirs]), to)):
            told |= set(theirs)
    for each in set(notices) - told:
        Incident.objects.filter(pk=each.incident.pk, told_at=now).update(
            told=each.told, told_at=each.told_at
        )
    return told == set(notices)


def _by_receivers(
    notices: Sequence[Notice], everyone: Sequence[Receiver]
) -> Iterable[tuple[tuple[Notice, ...], list[Receiver]]]:
    """Return different messages' notices, problems first, and the receivers of each."""
    found: dict[tuple[Notice, ...], list[Receiver]] = defaultdict(list)
    for receiver in everyone:
        theirs = tuple(each for each in notices if each.levels & receiver.levels)
        if theirs:
            found[theirs].append(receiver)
    return sorted(found.items(), key=lambda each: each[0][0].incident.level)


@transaction.atomic
def _take(now: datetime, everyone: Sequence[Receiver]) -> list[Notice]:
    """Note of what is new to anyone that it is told, so that no other process tells it."""
    is_due = Q(told_at=None) | Q(told_at__lt=now - PAUSE)
    is_new = Q(told="", closed_at=None, opened_at__lt=now - AFTER)
    is_worse = Q(told="warning", level="problem", closed_at=None)
    is_over = Q(closed_at__isnull=False) & ~Q(told__in=("", OVER))
    found = Incident.objects.filter(is_due, is_new | is_worse | is_over)
    notices = []
    for row in found.order_by(
        F("closed_at").asc(nulls_first=True), "level", "pk"
    ).select_for_update(skip_locked=True):
        notice = Notice(row, row.told, row.told_at)
        if any(notice.levels & each.levels for each in everyone):
            notices.append(notice)
            told = OVER if row.closed_at else row.level
            Incident.objects.filter(pk=row.pk).update(told=told, told_at=now)
    return notices


def message(incidents: Sequence[Incident]) -> tuple[str, str, str]:
    """Return a title, a paragraph about each, and the kind of message."""
    first = incidents[0]
    kind = "success" if first.closed_at else KINDS[first.level]
    said, end, _ = first.said.partition(". ")
    title = f"Over: {said}{end.strip()}" if first.closed_at else f"{said}{end.strip()}"
    if len(incidents) > 1:
        title = f"{wording.counted(len(incidents), 'incident', 'incidents')}: {title}"
    paragraphs = [*map(_paragraph, incidents), f"{settings.PUBLIC_URL}/admin/"]
    return f"Dovecote: {title}"[:200], "\n\n".join(paragraphs), kind


def _paragraph(row: Incident) -> str:
    began = f"{row.opened_at:%Y-%m-%d %H:%M} UTC"
    if row.closed_at:
        lasted = wording.age((row.closed_at - row.opened_at).total_seconds())
        return f"Over after {lasted}, since {began}: {row.said}"
    return f"Since {began}: {row.said} {row.remedy}".rstrip()
