"""Tell people of incidents: when one begins, becomes worse or grows, and is over."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from config.incidents import touched
from config.models import Incident
from config.status import wording
from config.status.notifications import Message, Receiver, receivers, send
from destinations.runtime import clock

log = structlog.get_logger()

#: A worker that is restarted, or one slow moment, wakes no one.
AFTER = timedelta(seconds=45)
#: What was not seen for longer, when it would be told first, may be over, or have got a cause.
SEEN_WITHIN = timedelta(seconds=20)
#: An incident that concerns customers more, but not twice as many, is told again so much later.
PAUSE = timedelta(minutes=15)
OVER = "over"
#: The worst first, and what Apprise calls messages about them.
KINDS = {"problem": "failure", "warning": "warning", "notice": "info"}
TITLE_CHARS = 200
#: Fewer posts that wait, or customers of them, are no growth: their number doubles all the time.
FEW_WAITING = 10


class Notice(NamedTuple):
    """An incident as it was before it was told, to be told again if that fails."""

    incident: Incident
    before: dict[str, Any]

    @property
    def told(self) -> str:
        return str(self.before["told"])

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
    told = set[int]()
    for theirs, to in _by_receivers(notices, everyone):
        if any(send(message([each.incident for each in theirs]), to)):
            told |= {each.incident.pk for each in theirs}
    for each in (each for each in notices if each.incident.pk not in told):
        Incident.objects.filter(pk=each.incident.pk, told_at=now).update(**each.before)
    return len(told) == len(notices)


def _by_receivers(
    notices: Sequence[Notice], everyone: Sequence[Receiver]
) -> Iterable[tuple[list[Notice], list[Receiver]]]:
    """Return different messages' notices, problems first, and the receivers of each."""
    found: dict[tuple[int, ...], list[Receiver]] = defaultdict(list)
    for receiver in everyone:
        theirs = tuple(
            number for number, each in enumerate(notices) if each.levels & receiver.levels
        )
        if theirs:
            found[theirs].append(receiver)
    return [([notices[number] for number in theirs], to) for theirs, to in sorted(found.items())]


@transaction.atomic
def _take(now: datetime, everyone: Sequence[Receiver]) -> list[Notice]:
    """Note of what is new to anyone that it is told, so that no other process tells it."""
    is_over = Q(closed_at__isnull=False) & ~Q(told__in=("", OVER))
    rows = Incident.objects.filter(Q(closed_at=None) | is_over).order_by("pk")
    notices = []
    for row in rows.select_for_update(skip_locked=True):
        new = {"told": OVER if row.closed_at else row.level, "told_at": now}
        new |= {"told_count": row.now_count, "told_workspaces": row.now_workspaces}
        notice = Notice(row, {name: getattr(row, name) for name in new})
        if _is_news(row, now) and any(notice.levels & each.levels for each in everyone):
            notices.append(notice)
            Incident.objects.filter(pk=row.pk).update(**new)
    return sorted(notices, key=lambda each: _rank(each.incident))


def _rank(row: Incident) -> tuple[bool, int]:
    return row.closed_at is not None, list(KINDS).index(row.level)


def _is_news(row: Incident, now: datetime) -> bool:
    if row.closed_at:
        return True
    if row.told not in KINDS:
        return row.opened_at < now - AFTER and row.seen_at > now - SEEN_WITHIN
    order = list(KINDS)
    return order.index(row.level) < order.index(row.told) or has_grown(row, now)


def has_grown(row: Incident, now: datetime) -> bool:
    """Return whether it is twice as large as when it was told, or, later, has more customers."""
    least = FEW_WAITING if touched.is_about_posts(row.cause) else 1
    if row.now_count >= 2 * max(row.told_count, least):
        return True
    if row.now_workspaces >= 2 * max(row.told_workspaces, least):
        return True
    is_quiet = row.told_at is None or row.told_at < now - PAUSE
    return is_quiet and row.now_workspaces > row.told_workspaces


def message(incidents: Sequence[Incident]) -> Message:
    """Return a title, a paragraph about each, and each alone for pagers and programs."""
    each = [_alone(row) for row in incidents]
    title = each[0]["title"]
    if len(incidents) > 1:
        said = f"{wording.counted(len(incidents), 'incident', 'incidents')}: "
        title = f"Dovecote: {said}{title.removeprefix('Dovecote: ')}"[:TITLE_CHARS]
    body = "\n\n".join(one["body"] for one in each)
    return Message(title, body, each[0]["kind"], each)


def _alone(row: Incident) -> dict[str, Any]:
    said, end, _ = row.said.partition(". ")
    over = "Over: " if row.closed_at else ""
    url = f"{settings.PUBLIC_URL}{reverse('admin:config_incident_change', args=[row.pk])}"
    return {
        "id": row.pk,
        # The same while it lasts, and for its end: pagers close by it.
        "key": f"dovecote-{urlsplit(settings.PUBLIC_URL).hostname}-{row.pk}",
        "state": "over" if row.closed_at else "open",
        "severity": row.level,
        "cause": row.cause,
        "kind": "success" if row.closed_at else KINDS[row.level],
        "title": f"Dovecote: {over}{said}{end.strip()}"[:TITLE_CHARS],
        "body": f"{_paragraph(row)}\n{url}",
        "url": url,
        "opened_at": row.opened_at.isoformat(),
        "closed_at": row.closed_at and row.closed_at.isoformat(),
    }


def _paragraph(row: Incident) -> str:
    began = f"{row.opened_at:%Y-%m-%d %H:%M} UTC"
    which = f"Incident {row.pk}, {row.level}."
    if row.closed_at:
        lasted = wording.age((row.closed_at - row.opened_at).total_seconds())
        return f"{which} Over after {lasted}, since {began}: {row.said} {_became(row)}".rstrip()
    waits = f"It touches {touched.in_words(row)}." if row.posts else ""
    return " ".join(filter(None, (f"{which} Since {began}: {row.said}", waits, row.remedy)))


def _became(row: Incident) -> str:
    """Return what became of the posts. That it cannot be read must not keep the end from people."""
    try:
        with transaction.atomic():
            found = touched.outcome(row)
    except Exception:
        log.exception("outcome_failed", incident=row.cause)
        return ""
    return f"Of the posts that were due: {found}" if found else ""
