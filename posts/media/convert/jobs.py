"""Making forms of files, one after the other.

A message only wakes a worker up: it takes whatever waits, longest first, until nothing of that kind
is left, or one cannot be stored. That one is put back behind all others: the storage may refuse
only this file, and then whatever is behind it would wait for ever. The price is that it is made
anew with every wake-up that finds nothing else to do. Pictures do not wait behind films, and a
machine works on a few at once, however many threads its workers have.
"""

import tempfile
import threading
import uuid
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, Q

from destinations.runtime import clock
from platforms.limits import Form
from posts.media import sandbox, storage
from posts.media.convert import request
from posts.media.probe import by_type
from posts.media.sandbox import Limits
from posts.models import Media, Variant

log = structlog.get_logger()

#: How many a worker process makes at once.
AT_ONCE = {Media.Kind.IMAGE: 2, Media.Kind.VIDEO: 1}
#: What one may take. Encoding takes two processors, and holds many pictures of a large video.
LIMITS = {
    Media.Kind.IMAGE: Limits(seconds=120, cpu_seconds=120, memory_bytes=1500 * 10**6),
    Media.Kind.VIDEO: Limits(seconds=3600, cpu_seconds=4 * 3600, memory_bytes=3000 * 10**6),
}
#: Renewed while it is made: a worker that died is noticed soon.
LEASE_SECONDS = 60
#: It crashed the sandbox, or its worker died, so often: it is the file.
TRIES = sandbox.TRIES
S = Variant.Status
_EXTENSIONS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "video/mp4": "mp4",
}
_places = {kind: threading.BoundedSemaphore(count) for kind, count in AT_ONCE.items()}


class LeaseLost(Exception):
    """Somebody else makes it now, or it is no longer wanted."""


def work(kind: str) -> None:
    """Make everything of this kind that waits."""
    place = _places[Media.Kind(kind)]
    going = True
    # Whoever has the places takes what comes meanwhile.
    while going and place.acquire(blocking=False):
        try:
            variant = claim(kind)
            going = variant is not None and _make(variant)
        finally:
            place.release()


def make_at_once(media: Media, form: Form) -> None:
    """Make a form of a file within a request, if it is cheap and was not asked for before.

    Otherwise it waits for a worker, which has more time and memory for it.
    """
    variant, is_ours = Variant.objects.get_or_create(
        media=media,
        digest=request.digest(form),
        defaults={
            "form": asdict(form),
            "status": S.MAKING,
            "claim": uuid.uuid4(),
            "tries": 1,
            "lease_until": _from_now(LEASE_SECONDS),
        },
    )
    if not is_ours:
        return
    try:
        with by_type.places.one():
            _try(variant, by_type.LIMITS)
    except LeaseLost:
        log.info("variant_lost", variant=str(variant.pk))
    except (sandbox.Busy, sandbox.Broke, sandbox.TooMuch, OSError) as failure:
        log.info("variant_left_to_worker", variant=str(variant.pk), failure=repr(failure))
        _end(variant, status=S.WAITING, tries=0)


def claim(kind: str) -> Variant | None:
    """The one that waits longest, ours to make; None if nothing waits.

    What was put back comes after all others, the one first that was put back longest ago.
    """
    now = clock.now()
    due = Q(status=S.WAITING) | Q(status=S.MAKING, lease_until__lt=now)
    with transaction.atomic():
        row = (
            Variant.objects.filter(due, media__kind=kind)
            .select_related("media")
            .order_by(F("put_back_at").asc(nulls_first=True), "created_at")
            .select_for_update(skip_locked=True, of=("self",))
            .first()
        )
        if row is None:
            return None
        row.claim, row.tries, row.status = uuid.uuid4(), row.tries + 1, S.MAKING
        row.lease_until = now + timedelta(seconds=LEASE_SECONDS)
        row.save(update_fields=["claim", "tries", "status", "lease_until"])
    return row


def _make(variant: Variant) -> bool:
    """Make it, and write down what came of it. False: nothing can be made here at present."""
    log.info("variant_begun", variant=str(variant.pk), form=variant.form["content_type"])
    try:
        if variant.tries > TRIES:
            _end(variant, status=S.FAILED, error="it broke whoever made it")
        else:
            _try(variant, LIMITS[Media.Kind(variant.media.kind)])
    except LeaseLost:
        log.info("variant_lost", variant=str(variant.pk))
    except FileNotFoundError:
        _end(variant, status=S.FAILED, error="the file is gone")
    except sandbox.TooMuch as failure:
        log.warning("variant_too_much", variant=str(variant.pk), failure=str(failure))
        _end(variant, status=S.FAILED, error="it takes too much time or memory")
    except sandbox.TookTooLong:
        _end(variant, status=S.FAILED, error="it takes too long")
    except sandbox.Broke as failure:
        log.warning("variant_broke", variant=str(variant.pk), failure=repr(failure))
        _end(variant, status=S.WAITING)
    except OSError as failure:
        # The storage is away or the disk is full: destinations that wait ask again. The file is
        # not to blame, so no try is spent. Whether others fare better is seen at the next
        # wake-up: with a full disk each one costs its whole making.
        log.error("variant_not_stored", variant=str(variant.pk), failure=repr(failure))
        _end(variant, status=S.WAITING, tries=variant.tries - 1, put_back_at=clock.now())
        return False
    return True


def _try(variant: Variant, limits: Limits) -> None:
    media = variant.media
    extension = _EXTENSIONS.get(variant.form["content_type"], "bin")
    with (
        storage.path(media.storage_key) as source,
        tempfile.TemporaryDirectory(prefix="dovecote-") as folder,
    ):
        target = Path(folder) / f"made.{extension}"
        answer = sandbox.run(
            "posts.media.convert.sandboxed",
            {
                "source": str(source),
                "target": str(target),
                "form": variant.form,
                "strips": Form(**variant.form).is_bare,
            },
            limits,
            meanwhile=lambda: _renew(variant),
        )
        if "cannot" in answer:
            _end(variant, status=S.FAILED, error=answer["cannot"])
            return
        _renew(variant)
        with target.open("rb") as file:
            key = storage.keep(media, extension, File(file), folder="made")
    _keep(variant, key, answer)


def _keep(variant: Variant, key: str, answer: dict[str, Any]) -> None:
    made, form = answer["facts"], Form(**variant.form)
    note = request.described(variant.media, form, made, bars=answer["bars"])
    try:
        with transaction.atomic():
            _end(
                variant,
                status=S.READY,
                storage_key=key,
                facts={"media": made, "note": note},
                made_at=clock.now(),
            )
            if form.is_bare:
                Media.objects.filter(pk=variant.media_id).update(stripped_key=key)
    except LeaseLost:
        default_storage.delete(key)
        raise


def _renew(variant: Variant) -> None:
    _write(variant, lease_until=_from_now(LEASE_SECONDS))


def _end(variant: Variant, **fields: Any) -> None:
    is_failure = fields["status"] == S.FAILED
    seconds = request.FAILURE_SECONDS if is_failure else request.MESSAGE_SECONDS
    _write(variant, claim=None, lease_until=_from_now(seconds), **fields)


def _write(variant: Variant, **fields: Any) -> None:
    ours = Variant.objects.filter(pk=variant.pk, claim=variant.claim, status=S.MAKING)
    if not ours.update(**fields):
        raise LeaseLost


def _from_now(seconds: float) -> datetime:
    return clock.now() + timedelta(seconds=seconds)
