"""Asking for forms of files, and telling whether they are there."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from datetime import timedelta
from functools import partial

from celery import current_app
from django.db.models import QuerySet

from destinations.publishing.pending_media import Failed, Made, Making, State, Wanted
from destinations.runtime import broker, clock
from platforms.drafts import Draft
from platforms.limits import Form
from posts.models import Media, Variant

QUEUE = "media"
#: A message that nobody has taken up by then counts as lost.
MESSAGE_SECONDS = 60
#: So long a failure is the answer to everybody who asks.
FAILURE_SECONDS = 600
#: How soon a destination looks again.
LOOK_AGAIN_SECONDS = {Media.Kind.IMAGE: 1.0, Media.Kind.VIDEO: 5.0}
S = Variant.Status


def digest(form: Form) -> str:
    return hashlib.sha256(json.dumps(asdict(form), sort_keys=True).encode()).hexdigest()


def ask(drafts: Iterable[Draft], media: Iterable[Media]) -> None:
    """Have made, after commit, whatever these frozen drafts want of these files."""
    by_key = {item.storage_key: item for item in media}
    wanted = {(item.key, item.form) for draft in drafts for item in draft.media if item.form}
    _ask([(by_key[key], form) for key, form in wanted if form])


def ask_for(media: Media, form: Form) -> None:
    """Have this form of a file made, by a worker."""
    _ask([(media, form)])


def states(wanted: Collection[Wanted]) -> dict[Wanted, State]:
    """What became of these. Whatever is missing, or lost on its way, is asked for again."""
    digests = {digest(form) for _, form in wanted}
    rows = Variant.objects.filter(
        media__storage_key__in=[key for key, _ in wanted], digest__in=digests
    ).select_related("media")
    found = {(row.media.storage_key, row.digest): row for row in rows}
    missing = [(key, form) for key, form in wanted if (key, digest(form)) not in found]
    gone = _ask_again(missing)
    _call(_lost(found.values()))
    return {
        (key, form): _gone() if key in gone else _state(found.get((key, digest(form))))
        for key, form in wanted
    }


def _state(row: Variant | None) -> State:
    if row is None:
        return Making(max(LOOK_AGAIN_SECONDS.values()))
    if row.status == S.READY:
        return Made({"key": row.storage_key, **row.facts["media"]}, row.facts["note"])
    if row.status == S.FAILED:
        return Failed(f"{row.media.filename} could not be made into what is needed: {row.error}.")
    return Making(LOOK_AGAIN_SECONDS[Media.Kind(row.media.kind)])


def _gone() -> State:
    return Failed("The file was deleted.")


def _ask_again(missing: Collection[Wanted]) -> set[str]:
    """Ask for forms that have no row; returns the keys of files that are no longer there."""
    if not missing:
        return set()
    media = Media.objects.filter(storage_key__in=[key for key, _ in missing])
    by_key = {item.storage_key: item for item in media}
    _ask([(by_key[key], form) for key, form in missing if key in by_key])
    return {key for key, _ in missing} - by_key.keys()


def _ask(wanted: Iterable[tuple[Media, Form]]) -> None:
    # In one order, so that two who ask for the same never wait for each other.
    forms = sorted(
        ((item.pk, digest(form), form, item) for item, form in wanted), key=lambda each: each[:2]
    )
    if not forms:
        return
    lease_until = clock.now() + timedelta(seconds=MESSAGE_SECONDS)
    Variant.objects.bulk_create(
        [
            Variant(media_id=key, form=asdict(form), digest=named, lease_until=lease_until)
            for key, named, form, _ in forms
        ],
        ignore_conflicts=True,
    )
    # What failed for another post may have failed for want of memory or time.
    failed = Variant.objects.filter(status=S.FAILED)
    keys, names = {key for key, *_ in forms}, {named for _, named, *_ in forms}
    _again(failed.filter(media__in=keys, digest__in=names))
    _call({item.kind for *_, item in forms})


def _lost(rows: Iterable[Variant]) -> set[str]:
    """The kinds of those whose message or maker is lost; whoever is called finds them.

    What failed a while ago is tried again: only a person's retry asks for it so late.
    """
    now = clock.now()
    lost = [row for row in rows if row.status != S.READY and row.lease_until < now]
    again = [row for row in lost if row.status in (S.WAITING, S.FAILED)]
    # Asked for once a minute and not with every look.
    _again(Variant.objects.filter(pk__in=[row.pk for row in again]))
    for row in again:
        row.status = S.WAITING
    return {row.media.kind for row in lost}


def _again(rows: QuerySet[Variant]) -> None:
    lease_until = clock.now() + timedelta(seconds=MESSAGE_SECONDS)
    rows.filter(status=S.FAILED).update(
        status=S.WAITING, tries=0, error="", lease_until=lease_until
    )
    rows.filter(status=S.WAITING).update(lease_until=lease_until)


def _call(kinds: Iterable[str]) -> None:
    """Wake a worker up for each kind, once the present transaction is committed."""
    for kind in sorted(kinds):
        broker.after_commit(partial(call, kind))


def call(kind: str) -> None:
    """Wake a worker up. A broker that is away is no failure: destinations ask again."""
    try:
        current_app.send_task("posts.make_variants", args=[kind], queue=QUEUE, retry=False)
    except broker.AWAY as failure:
        broker.missed(failure, variants=kind)
    else:
        broker.reached()


def described(media: Media, form: Form, made: Mapping[str, object], *, bars: bool) -> str:
    """What the customer reads about a made file."""
    if form.is_bare:
        return f"{media.filename} was sent without its metadata, such as place, device and time."
    word = str(made["content_type"]).partition("/")[2].upper()
    size = f", {made['width']} × {made['height']}" if made.get("width") else ""  # noqa: RUF001
    return f"{media.filename} was sent as {word}{size}{', with bars' if bars else ''}."
