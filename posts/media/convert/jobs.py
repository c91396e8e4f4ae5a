"""Make variants of files, workspaces in turn, and of each those that have waited longest first.

A variant that cannot be stored is put back behind all others, and this worker stops until the next
wake-up: the storage may refuse only this file, and the others must not wait for it. The cost is
that it is made again at every wake-up that finds no other work. Images do not wait behind videos.

Networks receive, and links lead to, copies without metadata. The original is kept as it was sent.
It stays private unless the workspace publishes metadata. A copy is a variant like any other: made
once, waited for, and requested again if it was lost. A file without metadata needs no copy.
"""

import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import structlog
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, Q, QuerySet

from destinations.jobs.leased_rows import LeasedRows, LeaseLost
from destinations.runtime import clock
from platforms import sandbox
from platforms.limits import Form
from platforms.sandbox import ResourceLimits
from posts.media import inspection, storage
from posts.media.convert import request
from posts.media.jobs import MediaJobQueue
from posts.models import Media, Variant

log = structlog.get_logger()

S = Variant.Status
_EXTENSIONS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
}


def _is_due(now: datetime) -> Q:
    """Return whether a variant waits, or was abandoned."""
    return Q(status=S.WAITING) | Q(status=S.MAKING, lease_until__lt=now)


#: The lease is renewed while the variant is made, so that a dead worker is noticed soon.
ROWS = LeasedRows(
    Variant,
    seconds=60,
    due="lease_until",
    tries="tries",
    most_tries=sandbox.TRIES,
    is_due=_is_due,
)


class VariantLane(MediaJobQueue[Variant]):
    """Variants of one kind of file."""

    rows = ROWS
    claimed_fields: ClassVar = {"status": S.MAKING}
    in_turn = Q(put_back_at=None)

    def __init__(self, kind: Media.Kind, at_once: int, limits: ResourceLimits) -> None:
        super().__init__(at_once)
        self.kind, self.limits = kind, limits

    def waiting(self) -> QuerySet[Variant]:
        """Return the variants to make; those that were put back come last."""
        rows = Variant.objects.filter(media__kind=self.kind)
        return rows.order_by(F("put_back_at").asc(nulls_first=True), "created_at")

    def give_up(self, job: Variant) -> None:
        _fail(job, "it broke every worker that made it")

    def attempt(self, job: Variant) -> bool:
        log.info("variant_begun", variant=str(job.pk), form=job.form["content_type"])
        try:
            make(job, self.limits)
        except FileNotFoundError:
            _fail(job, "the file is gone")
        except sandbox.LimitExceeded as failure:
            log.warning("variant_too_much", variant=str(job.pk), failure=str(failure))
            _fail(job, "it takes too much time or memory")
        except sandbox.TimedOut:
            _fail(job, "it takes too long")
        except sandbox.NoResult as failure:
            log.warning("variant_broke", variant=str(job.pk), failure=repr(failure))
            _put_back(job)
        except OSError as failure:
            # The storage is away or the disk is full. The file is not to blame, so no try is spent.
            # Each further variant would cost its whole making to find out the same.
            log.error("variant_not_stored", variant=str(job.pk), failure=repr(failure))
            _put_back(job, spends_try=False, put_back_at=clock.now())
            return False
        return True


#: An encoder uses two processors, and holds many pictures of a large video in memory.
LANES = {
    Media.Kind.IMAGE: VariantLane(Media.Kind.IMAGE, 2, ResourceLimits(120, 120, 1500 * 10**6)),
    Media.Kind.VIDEO: VariantLane(
        Media.Kind.VIDEO, 1, ResourceLimits(3600, 4 * 3600, 3000 * 10**6)
    ),
}


def work(kind: str) -> None:
    """Make all waiting variants of this kind of file."""
    LANES[Media.Kind(kind)].work()


def make_at_once(media: Media, form: Form) -> None:
    """Make a variant within a request if it is cheap and was not requested before.

    Otherwise it waits for a worker, which may use more time and memory.
    """
    variant, is_ours = Variant.objects.get_or_create(
        media=media,
        digest=request.digest(form),
        defaults={"form": asdict(form), "status": S.MAKING, "tries": 1, **ROWS.lease()},
    )
    if not is_ours:
        return
    with suppress(LeaseLost):
        try:
            with inspection.slots.one():
                make(variant, inspection.LIMITS)
        except (sandbox.TooBusy, sandbox.NoResult, sandbox.LimitExceeded, OSError) as failure:
            log.info("variant_left_to_worker", variant=str(variant.pk), failure=repr(failure))
            _put_back(variant, spends_try=False)


def make(variant: Variant, limits: ResourceLimits) -> None:
    """Make a claimed variant and store the result, also that it cannot be made.

    Raises LeaseLost, FileNotFoundError, OSError of the storage, and what sandbox.run raises.
    """
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
            meanwhile=partial(ROWS.keep_alive, variant),
        )
        if "cannot" in answer:
            _fail(variant, answer["cannot"])
            return
        ROWS.renew(variant)
        with target.open("rb") as file:
            key = storage.keep(media, extension, File(file), folder="made")
    _finish(variant, key, answer)


def _finish(variant: Variant, key: str, answer: dict[str, Any]) -> None:
    made, form = answer["facts"], Form(**variant.form)
    facts = {"media": made, "note": request.note(variant.media, form, made, bars=answer["bars"])}
    try:
        with transaction.atomic():
            made = {"storage_key": key, "facts": facts, "made_at": clock.now()}
            ROWS.release(variant, status=S.READY, **made)
            if form.is_bare:
                Media.objects.filter(pk=variant.media_id).update(stripped_key=key)
    except LeaseLost:
        default_storage.delete(key)
        raise


def _fail(variant: Variant, error: str) -> None:
    ROWS.release(variant, request.FAILURE_SECONDS, status=S.FAILED, error=error)


def _put_back(variant: Variant, **how: Any) -> None:
    ROWS.release(variant, request.MESSAGE_SECONDS, status=S.WAITING, **how)


def prepare_stripped(media: Media) -> None:
    """Make the copy of a new file: of most images at once, of other files by a worker."""
    if not _is_missing(media):
        return
    if media.kind == Media.Kind.IMAGE:
        make_at_once(media, _form(media))
        media.refresh_from_db(fields=["stripped_key"])
    if _is_missing(media):
        request.for_file(media, _form(media))


def request_missing_stripped(rows: Iterable[Media]) -> None:
    """Request the copies that were never requested, or whose message or worker was lost."""
    wanted = {(media.storage_key, _form(media)) for media in rows if _is_missing(media)}
    if wanted:
        request.states(wanted)


def _is_missing(media: Media) -> bool:
    return media.status == Media.Status.READY and not media.public_key


def _form(media: Media) -> Form:
    return Form(media.content_type)
