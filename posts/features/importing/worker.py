"""Import in turns: some rows of one import, then some of the next.

An import is leased to one worker at a time. A few rows are a transaction, which makes their posts,
notes that the rows were imported, and records the results; it first makes sure that the import is
still this worker's, and holds that while it lasts. So a worker that dies loses at most the rows
that it had not committed, a worker that was frozen does nothing more when it wakes up, and nothing
is made after a cancellation was answered. After a worker has died each row has a transaction of its
own, so that the row at which it happens is found.
"""

import threading
import time
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial

import orjson
import structlog
from django.db import OperationalError, transaction
from psycopg.errors import DeadlockDetected

from destinations.jobs.leased_rows import LeasedRows, LeaseLost
from destinations.models import BusyWorker
from destinations.runtime import database
from destinations.runtime.worker import shutdown
from posts.composing.destinations import Author
from posts.errors import RequestRefused
from posts.features.importing import create_post, imports, media_urls
from posts.features.importing.create_post import AlreadyImported, Maker, Outcome, ReadNewPost
from posts.features.importing.formats.rows import RowToImport
from posts.features.importing.models import Import, ImportRow
from posts.models import ApiKey

log = structlog.get_logger()

#: After so many rows, or so long, another import has its turn.
STEP_ROWS = 50
STEP_SECONDS = 2.0
#: How long a worker rests after a step while posts are being published, as a part of what the step
#: took: the processor and the database are there for publishing first.
REST = 0.5
#: Rows of one transaction.
TOGETHER = 25
#: Rows whose files are fetched at the same time.
FETCHED_ROWS = 20
#: How long an import rests that only waits for files.
FILES_SECONDS = 2
#: A row at which so many workers ended, one after the other, is given up.
MOST_TRIES = 3
GIVEN_UP = RequestRefused("internal_error", "It could not be processed; ask the operator.")
ROWS = LeasedRows(Import, seconds=60, tries="tries", most_tries=MOST_TRIES)
#: The body is kept where it was refused, for the people who look into it.
RECORD = """
UPDATE posts_importrow stored
SET is_done = true, is_ok = found.is_ok, is_known = found.is_known, post_id = found.post_id,
    errors = found.errors, body = CASE WHEN found.is_ok THEN NULL ELSE body END
FROM jsonb_to_recordset(%s::jsonb)
    AS found (id bigint, is_ok boolean, is_known boolean, post_id uuid, errors jsonb)
WHERE stored.id = found.id AND NOT is_done
"""
_slot = threading.BoundedSemaphore(1)


def run() -> None:
    """Work on imports until none is due. A process works on one at a time."""
    # Here, so that only workers that import load what reads requests.
    from posts.features.importing.api.serializers import read_new_post

    if not _slot.acquire(blocking=False):
        return
    try:
        while not shutdown.is_requested() and (job := ROWS.claim_one()):
            began = time.monotonic()
            step(job, read_new_post)
            if BusyWorker.objects.exists():
                time.sleep((time.monotonic() - began) * REST)
    finally:
        _slot.release()


def step(job: Import, read: ReadNewPost) -> None:
    """Do some rows of a leased import."""
    with ROWS.working(job):
        if why := _why_stop(job.key):
            imports.end(job.pk, Import.Status.STOPPED, why)
            return
        if ROWS.is_spent(job):
            _give_up_first(job)
        is_waiting = _do_rows(job, Maker(_author(job), read))
        _put_back(job, FILES_SECONDS if is_waiting else 0)


def _why_stop(key: ApiKey | None) -> str:
    """Return why posts can no longer be made in the name of the key; "" if they can."""
    if key is None or not key.is_active:
        return "Its API key was revoked or has expired. Send the file again with another key."
    if ApiKey.Scope.WRITE not in key.scopes:
        return "Its API key may no longer write. Send the file again with another key."
    return ""


def _author(job: Import) -> Author:
    assert job.key is not None  # noqa: S101  # without one the import was stopped
    return Author(job.workspace_id, job.by, job.request_id, job.key.reach.only)


def _do_rows(job: Import, maker: Maker) -> bool:
    """Return whether nothing is left to do but to wait for files."""
    left = job.rows.filter(is_done=False).order_by("number")
    # The others go first, so that no file keeps them waiting.
    plain = list(left.exclude(body__has_key=media_urls.FIELD)[:STEP_ROWS])
    named = list(left.filter(body__has_key=media_urls.FIELD)[:FETCHED_ROWS])
    until = time.monotonic() + STEP_SECONDS
    known = maker.known([_row(each) for each in plain + named])
    # A worker that died may have done so at one of these.
    size = 1 if job.tries > 1 else TOGETHER
    has_done = False
    for group in (*_groups(plain, size), *_groups(named, 1)):
        if time.monotonic() > until or shutdown.is_requested():
            return False
        try:
            has_done |= _do(job, group, maker, known)
        except OperationalError as failure:
            if not isinstance(failure.__cause__, DeadlockDetected):
                raise
            # Another import makes the same rows, or fills the same queues, in another order.
            for stored in group:
                has_done |= _do(job, [stored], maker, known)
    return bool(named) and not has_done


def _groups(rows: Sequence[ImportRow], size: int) -> Iterator[Sequence[ImportRow]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _do(
    job: Import, group: Sequence[ImportRow], maker: Maker, known: Mapping[int, Outcome]
) -> bool:
    """Do some rows, those that name files alone; False if files are not here yet.

    Raises LeaseLost.
    """
    files: list[uuid.UUID] = []
    first = group[0]
    if media_urls.FIELD in (first.body or {}) and not (first.number in known or job.is_dry_run):
        try:
            found = media_urls.fetch_files(job, media_urls.urls_of(first.body or {}))
        except RequestRefused as refused:
            errors = create_post.problems_of(refused)
            known = {first.number: Outcome(first.number, errors=errors)}
        else:
            if found is None:
                return False
            files = found
    try:
        _do_together(job, group, maker, known, files)
    except AlreadyImported:
        # Nothing of the group was made. One of its rows has another import's post now.
        return _do(job, group, maker, {**known, **maker.known([_row(each) for each in group])})
    return True


@transaction.atomic
def _do_together(
    job: Import,
    group: Sequence[ImportRow],
    maker: Maker,
    known: Mapping[int, Outcome],
    files: Collection[uuid.UUID],
) -> None:
    """Raises LeaseLost, and AlreadyImported."""
    _hold(job)
    act = maker.check if job.is_dry_run else partial(maker.compose, files=files)
    rows = [_row(stored) for stored in group]
    outcomes = [known.get(row.number) or act(row) for row in rows]
    maker.note(zip(rows, outcomes, strict=True))
    _record(list(zip(group, outcomes, strict=True)))
    _note_progress(job)


def _hold(job: Import) -> None:
    """Keep others from taking or ending the import in this transaction. Raises LeaseLost."""
    if ROWS.hold(job) is None:
        raise LeaseLost


def _note_progress(job: Import) -> None:
    """Workers that ended before this row did not end at the next one."""
    if job.tries > 1:
        Import.objects.filter(pk=job.pk).update(tries=1)
        job.tries = 1


def _record(done: Collection[tuple[ImportRow, Outcome]]) -> None:
    found = [
        {
            "id": stored.pk,
            "is_ok": outcome.is_ok,
            "is_known": outcome.is_known,
            "post_id": outcome.post_id,
            "errors": [each.shown() for each in outcome.errors],
        }
        for stored, outcome in done
    ]
    database.execute(RECORD, (orjson.dumps(found).decode(),))


def _give_up_first(job: Import) -> None:
    """Refuse the row at which workers ended again and again, so that the others have their turn."""
    first = job.rows.filter(is_done=False).order_by("number").first()
    if first is None:
        return
    log.error("import_row_given_up", id=str(job.pk), row=first.number)
    with transaction.atomic():
        _hold(job)
        given_up = Outcome(first.number, errors=create_post.problems_of(GIVEN_UP))
        _record([(first, given_up)])


def _put_back(job: Import, seconds: float) -> None:
    """Count what was done, and end the import or let others have their turn first."""
    if not job.rows.filter(is_done=False).exists():
        imports.end(job.pk, Import.Status.COMPLETED)
        return
    ROWS.release(job, seconds, tries=0, **imports.counts(job))


def _row(stored: ImportRow) -> RowToImport:
    return RowToImport(stored.number, stored.body or {}, bytes(stored.digest), stored.problem)
