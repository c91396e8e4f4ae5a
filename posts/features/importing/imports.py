"""Import small files in the request and larger ones by workers; show and cancel imports."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import QuerySet

from destinations.jobs import forget as forgetting
from destinations.jobs.wake import Wake
from destinations.runtime import clock
from posts.errors import RequestRefused
from posts.features.importing.create_post import Maker, Outcome
from posts.features.importing.formats.rows import RowToImport
from posts.features.importing.models import Import, ImportRow
from posts.models import ApiKey, Workspace

log = structlog.get_logger()

#: How many imports of a workspace are under way at once.
MOST_AT_ONCE = 3
BATCH = 500
#: How long those that have ended are kept. What was imported stays known: `ImportedRow`.
DAYS = 30
WAKE = Wake("posts.import_posts")


@dataclass(frozen=True, slots=True)
class FileToImport:
    """A file of posts, and how it is to be imported. `digest`: SHA-256 of its bytes, hex."""

    name: str
    digest: str
    again: str
    is_dry_run: bool
    warnings: Sequence[str]


@transaction.atomic
def start(key: ApiKey, request_id: str, file: FileToImport, rows: Sequence[RowToImport]) -> Import:
    """Have workers import these rows; the import that is under way if the file was sent twice.

    Raises RequestRefused if too many are under way.
    """
    # Locked, so that two callers do not both begin the last one.
    Workspace.objects.select_for_update(no_key=True).get(pk=key.workspace_id)
    under_way = Import.objects.filter(workspace=key.workspace_id, due_at__isnull=False)
    names = {"digest": file.digest, "again": file.again, "is_dry_run": file.is_dry_run}
    same = under_way.filter(key=key, **names).first()
    if same:
        return same
    if under_way.count() >= MOST_AT_ONCE:
        raise RequestRefused(
            "conflict",
            f"{MOST_AT_ONCE} imports of this workspace are under way, which is the most; wait for "
            "one to end, or cancel one.",
        )
    made = Import.objects.create(
        workspace_id=key.workspace_id,
        key=key,
        by=f"key:{key.prefix}",
        request_id=request_id,
        filename=file.name,
        warnings=list(file.warnings),
        total=len(rows),
        due_at=clock.now(),
        **names,
    )
    ImportRow.objects.bulk_create((_stored(made, row) for row in rows), batch_size=BATCH)
    WAKE.after_commit()
    log.info("import_started", id=str(made.pk), workspace=str(key.workspace_id), rows=len(rows))
    return made


def _stored(made: Import, row: RowToImport) -> ImportRow:
    return ImportRow(
        source=made, number=row.number, body=row.body, digest=row.digest, problem=row.problem
    )


def seen(key: ApiKey) -> QuerySet[Import]:
    """Return the imports that a key may see, newest first; a restricted key sees its own."""
    found = Import.objects.filter(workspace=key.workspace_id)
    if key.is_restricted:
        found = found.filter(key=key)
    return found.order_by("-created_at", "id")


def cancel(job: Import, by: str) -> None:
    """End it; what was imported stays. Raises RequestRefused if it has ended."""
    if not end(job.pk, Import.Status.CANCELLED, f"Cancelled by {by}."):
        raise RequestRefused("conflict", "This import has ended already.")
    job.refresh_from_db()


@transaction.atomic
def end(job_id: uuid.UUID, status: Import.Status, reason: str = "") -> bool:
    """End an import that is under way; False if it has ended. Waits for the row being made."""
    job = Import.objects.select_for_update(no_key=True).filter(pk=job_id).first()
    if job is None or job.is_over:
        return False
    counted = counts(job)
    Import.objects.filter(pk=job_id).update(
        status=status, reason=reason, due_at=None, claim=None, ended_at=clock.now(), **counted
    )
    log.info("import_ended", id=str(job_id), status=str(status), reason=reason, **counted)
    return True


def counts(job: Import) -> dict[str, Any]:
    """Return how many rows have a result, and how many of them are accepted."""
    done = job.rows.filter(is_done=True)
    return {"done": done.count(), "valid": done.filter(is_ok=True).count()}


def existing(job: Import) -> int:
    """Return how many rows were imported before, so that nothing was made of them now."""
    return job.rows.filter(is_done=True, is_known=True).count()


def results(job: Import, is_ok: bool | None = None) -> QuerySet[ImportRow]:
    """Return the rows of an import that have a result, in the order of the file."""
    done = job.rows.filter(is_done=True).order_by("number")
    return done if is_ok is None else done.filter(is_ok=is_ok)


def forget() -> int:
    """Delete imports that ended more than DAYS ago, for a while; returns how many."""
    before = clock.now() - timedelta(days=DAYS)
    ended = Import.objects.filter(due_at__isnull=True).order_by("created_at")
    # One by one: an import has thousands of rows.
    count = forgetting.forget(ended, "created_at", before, delete=_delete, batch=1)
    if count:
        log.info("imports_forgotten", count=count)
    return count


def _delete(keys: Sequence[uuid.UUID]) -> None:
    rows = ImportRow.objects.filter(source__in=keys)
    rows._raw_delete(rows.db)
    Import.objects.filter(pk__in=keys).delete()


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """The outcomes of all rows, in the order of the file."""

    outcomes: Sequence[Outcome]
    warnings: Sequence[str]

    @property
    def total(self) -> int:
        return len(self.outcomes)

    @property
    def valid(self) -> int:
        return sum(each.is_ok for each in self.outcomes)

    @property
    def existing(self) -> int:
        return sum(each.is_known for each in self.outcomes)

    @property
    def invalid(self) -> int:
        return self.total - self.valid


def inline_outcomes(
    maker: Maker, rows: Sequence[RowToImport], act: Callable[[RowToImport], Outcome]
) -> Iterator[Outcome]:
    """Yield what is known of each row, or what comes of acting on it."""
    known = maker.known(rows)
    for row in rows:
        yield known.get(row.number) or act(row)
