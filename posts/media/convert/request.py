"""Requests variants of files, and tells what became of them."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from datetime import timedelta

from django.db.models import QuerySet

from destinations.jobs.wake import Wake
from destinations.publishing.pending_media import Failed, Made, Making, State, Wanted
from destinations.runtime import clock
from platforms.drafts import Draft
from platforms.limits import Form
from posts.models import Media, Variant

#: A message that no worker has taken by then counts as lost.
MESSAGE_SECONDS = 60
#: For how long a failure answers all further requests.
FAILURE_SECONDS = 600
#: How soon a destination looks again.
LOOK_AGAIN_SECONDS = {Media.Kind.IMAGE: 1.0, Media.Kind.VIDEO: 5.0}
S = Variant.Status
#: It does not expire: the queue is served late while long videos are converted.
WAKE = Wake("posts.make_variants", expires_seconds=None)


def digest(form: Form) -> str:
    return hashlib.sha256(json.dumps(asdict(form), sort_keys=True).encode()).hexdigest()


def for_drafts(drafts: Iterable[Draft], media: Iterable[Media]) -> None:
    """Have a worker make, after commit, the variants that these frozen drafts need."""
    by_key = {item.storage_key: item for item in media}
    wanted = {(item.key, item.form) for draft in drafts for item in draft.media if item.form}
    _request([(by_key[key], form) for key, form in wanted if form])


def for_file(media: Media, form: Form) -> None:
    """Have a worker make one variant of a file."""
    _request([(media, form)])


def states(wanted: Collection[Wanted]) -> dict[Wanted, State]:
    """Return the state of each variant. Those that are missing or lost are requested again."""
    digests = {digest(form) for _, form in wanted}
    rows = Variant.objects.filter(
        media__storage_key__in=[key for key, _ in wanted], digest__in=digests
    ).select_related("media")
    found = {(row.media.storage_key, row.digest): row for row in rows}
    missing = [(key, form) for key, form in wanted if (key, digest(form)) not in found]
    gone = _request_missing(missing)
    _wake(_lost(found.values()))
    return {
        (key, form): Failed("The file was deleted.")
        if key in gone
        else _state(found.get((key, digest(form))))
        for key, form in wanted
    }


def _state(row: Variant | None) -> State:
    if row is None:
        return Making(max(LOOK_AGAIN_SECONDS.values()))
    if row.status == S.READY:
        return Made({"key": row.storage_key, **row.facts["media"]}, row.facts["note"])
    if row.status == S.FAILED:
        return Failed(f"{row.media.filename} could not be converted: {row.error}.")
    return Making(LOOK_AGAIN_SECONDS[Media.Kind(row.media.kind)])


def _request_missing(missing: Collection[Wanted]) -> set[str]:
    """Request variants that have no row; returns the keys of files that no longer exist."""
    if not missing:
        return set()
    media = Media.objects.filter(storage_key__in=[key for key, _ in missing])
    by_key = {item.storage_key: item for item in media}
    _request([(by_key[key], form) for key, form in missing if key in by_key])
    return {key for key, _ in missing} - by_key.keys()


def _request(wanted: Iterable[tuple[Media, Form]]) -> None:
    # In a fixed order, so that two requests for the same variants cannot deadlock.
    forms = sorted(
        ((item.pk, digest(form), form, item) for item, form in wanted), key=lambda each: each[:2]
    )
    if not forms:
        return
    lease_until = clock.now() + timedelta(seconds=MESSAGE_SECONDS)
    Variant.objects.bulk_create(
        [
            Variant(media_id=key, form=asdict(form), digest=name, lease_until=lease_until)
            for key, name, form, _ in forms
        ],
        ignore_conflicts=True,
    )
    # A failure for another post may have been for lack of memory or time.
    failed = Variant.objects.filter(status=S.FAILED)
    keys, names = {key for key, *_ in forms}, {name for _, name, *_ in forms}
    _request_again(failed.filter(media__in=keys, digest__in=names))
    _wake({item.kind for *_, item in forms})


def _lost(rows: Iterable[Variant]) -> set[str]:
    """Return the kinds of the variants whose message or worker was lost; a woken worker finds them.

    A failure that is no longer fresh is tried again: only a manual retry asks so late.
    """
    now = clock.now()
    lost = [row for row in rows if row.status != S.READY and row.lease_until < now]
    again = [row for row in lost if row.status in (S.WAITING, S.FAILED)]
    # This moves the deadline, so messages are sent once a minute and not at every look.
    _request_again(Variant.objects.filter(pk__in=[row.pk for row in again]))
    for row in again:
        row.status = S.WAITING
    return {row.media.kind for row in lost}


def _request_again(rows: QuerySet[Variant]) -> None:
    lease_until = clock.now() + timedelta(seconds=MESSAGE_SECONDS)
    rows.filter(status=S.FAILED).update(
        status=S.WAITING, tries=0, error="", lease_until=lease_until
    )
    rows.filter(status=S.WAITING).update(lease_until=lease_until)


def _wake(kinds: Iterable[str]) -> None:
    for kind in sorted(kinds):
        WAKE.after_commit(kind)


def note(media: Media, form: Form, made: Mapping[str, object], *, bars: bool) -> str:
    """Return what the customer reads about a variant that was sent."""
    if form.is_bare:
        return f"{media.filename} was sent without its metadata, such as place, device and time."
    word = str(made["content_type"]).partition("/")[2].upper()
    size = f", {made['width']} × {made['height']}" if made.get("width") else ""  # noqa: RUF001
    return f"{media.filename} was sent as {word}{size}{', with bars' if bars else ''}."
