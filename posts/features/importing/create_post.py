"""Make the post of one row, or say why it cannot be made.

A constraint holds that no row is imported into a workspace twice. A row is claimed, its post made
and the claim given the post's id in one transaction. Of two that claim one row at the same time,
the second waits for the first and finds its post.
"""

import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from django.db import transaction

from destinations import public_ids
from destinations.models import Destination
from destinations.runtime import clock, database
from posts.composing import compose
from posts.composing.compose import NewPost
from posts.composing.destinations import Author
from posts.composing.validate import AccountValidation
from posts.errors import Code, RequestRefused
from posts.features.importing import media_urls
from posts.features.importing.formats.rows import RowToImport
from posts.features.importing.lookup import Names
from posts.features.importing.models import ImportedRow
from posts.read_models import queries

#: The column that an error is about, where the error itself does not say.
PROBLEM_FIELDS: dict[Code, str] = {
    "content_too_long": "content",
    "past_schedule_time": "scheduled_at",
    "invalid_timezone": "timezone",
    "invalid_accounts": "account_ids",
    "invalid_media": "media_ids",
    "invalid_campaign": "campaign",
    "queue_full": "use_queue",
}
#: The most errors of a row, and characters of each: a file has thousands of rows.
MOST_PROBLEMS = 10
MESSAGE_CHARS, FIELD_CHARS = 500, 200


class RowProblem(NamedTuple):
    """One error of a row. `field`: the column; "": the row as a whole."""

    field: str
    code: str
    message: str

    def shown(self) -> dict[str, str]:
        return self._asdict()


def problems_of(refused: RequestRefused) -> tuple[RowProblem, ...]:
    """Return the errors of a refused row."""
    listed = refused.details.get("validation_errors") or [{"message": refused.message}]
    return tuple(_problem(refused, each) for each in listed[:MOST_PROBLEMS])


def problems_of_account(verdict: AccountValidation) -> Iterator[RowProblem]:
    """Yield what a network has against the post."""
    for each in verdict.problems:
        yield RowProblem(PROBLEM_FIELDS.get(each.code, ""), each.code, each.message[:MESSAGE_CHARS])


def _problem(refused: RequestRefused, each: dict[str, Any]) -> RowProblem:
    field = (
        each.get("field") or refused.details.get("field") or PROBLEM_FIELDS.get(refused.code, "")
    )
    return RowProblem(str(field)[:FIELD_CHARS], refused.code, str(each["message"])[:MESSAGE_CHARS])


#: Turns the body of POST /posts into what `compose` takes. Raises RequestRefused.
ReadNewPost = Callable[[Mapping[str, Any]], NewPost]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a row. `is_known`: it was imported before, and nothing was made now."""

    number: int
    post_id: uuid.UUID | None = None
    is_known: bool = False
    errors: tuple[RowProblem, ...] = ()
    #: The drafts of the accounts, which foresee what will fail.
    validations: tuple[AccountValidation, ...] = ()

    @property
    def is_ok(self) -> bool:
        return not self.errors

    @property
    def is_new(self) -> bool:
        """Return whether a post was made now."""
        return self.post_id is not None and not self.is_known


class Maker:
    """Makes posts of rows on behalf of an author."""

    def __init__(self, author: Author, read: ReadNewPost) -> None:
        self._author = author
        self._read = read
        self._names = Names(author.reach)

    def known(self, rows: Collection[RowToImport]) -> dict[int, Outcome]:
        """Return the rows that were imported before, by number."""
        posts = imported_posts(self._author.workspace_id, [row.digest for row in rows])
        return {
            row.number: self._as_known(row, posts[row.digest])
            for row in rows
            if row.digest in posts
        }

    def make(self, row: RowToImport) -> Outcome:
        """Make the post, and note that the row was imported, in one transaction."""
        try:
            with transaction.atomic():
                made = self.compose(row)
                self.note([(row, made)])
        except AlreadyImported:
            return self.known([row])[row.number]
        return made

    def compose(self, row: RowToImport, files: Collection[uuid.UUID] = ()) -> Outcome:
        """Make the post, with these files before its own; the caller's transaction notes it."""
        try:
            made = compose.create(self._author, self._new_post(row, files))
        except RequestRefused as refused:
            return Outcome(row.number, errors=problems_of(refused))
        return Outcome(row.number, made.post.pk, validations=tuple(made.post.validations))

    def note(self, made: Iterable[tuple[RowToImport, Outcome]]) -> None:
        """Note rows' posts in the transaction that makes them. Raises AlreadyImported."""
        posts = {row.digest: each.post_id for row, each in made if each.is_new}
        if posts:
            note_imported(self._author.workspace_id, posts)

    def check(self, row: RowToImport) -> Outcome:
        """Return what `make` would find; nothing is stored.

        Files at URLs are not fetched, so what networks say about files is not asked for such a row.
        """
        try:
            urls = media_urls.urls_of(row.body)
            new = self._new_post(row, ())
            if urls:
                # Its networks are asked for the length of the text only.
                new = replace(new, content=new.content or "…")
            verdicts = compose.check(self._author, new)
        except RequestRefused as refused:
            return Outcome(row.number, errors=problems_of(refused))
        found = [problem for each in verdicts for problem in problems_of_account(each)]
        if urls:
            found = [problem for problem in found if problem.code == "content_too_long"]
            verdicts = [replace(each, lacks_file=False) for each in verdicts]
        errors = tuple(dict.fromkeys(found[:MOST_PROBLEMS]))
        return Outcome(row.number, errors=errors, validations=tuple(verdicts))

    def _new_post(self, row: RowToImport, files: Collection[uuid.UUID]) -> NewPost:
        if row.problem:
            raise RequestRefused("validation_error", row.problem)
        body = self._names.resolved(row.body)
        body.pop(media_urls.FIELD, None)
        self._check_not_here(body.pop("post_id", None))
        if files:
            own = body.get("media_ids") or []
            body["media_ids"] = [*(str(each) for each in files), *own]
        return self._read(body)

    def _check_not_here(self, post_id: Any) -> None:
        """Raise RequestRefused for a row of an export whose post is still here.

        To import an export again would otherwise publish everything in it a second time.
        """
        key = public_ids.decode(public_ids.POST, post_id) if isinstance(post_id, str) else None
        if key and queries.post(self._author.reach, key):
            raise RequestRefused(
                "conflict",
                f"The post {post_id} is still here. Change it with PATCH; or take the column "
                "post_id out of the file to make a copy.",
            )

    def _as_known(self, row: RowToImport, post_id: uuid.UUID) -> Outcome:
        if self._author.only is not None and not self._sees(post_id):
            refused = RequestRefused(
                "invalid_accounts",
                "It was imported before, for accounts that this key may not use.",
            )
            return Outcome(row.number, errors=problems_of(refused))
        return Outcome(row.number, post_id, is_known=True)

    def _sees(self, post_id: uuid.UUID) -> bool:
        """Return whether a restricted key may know of the post."""
        numbers = Destination.objects.filter(post=post_id).values_list("account_number", flat=True)
        return self._author.reach.covers(numbers)


class AlreadyImported(Exception):
    """Another import has made the post of one of the rows meanwhile."""


#: In one order, so that two imports of the same rows seldom wait for each other.
NOTE = """
    INSERT INTO posts_importedrow (workspace_id, digest, post_id, created_at)
    SELECT %s, digest, post_id, %s
    FROM unnest(%s::bytea[], %s::uuid[]) AS made (digest, post_id) ORDER BY digest
    ON CONFLICT (workspace_id, digest) DO NOTHING RETURNING id
"""


def note_imported(workspace_id: uuid.UUID, posts: Mapping[bytes, uuid.UUID | None]) -> None:
    """Note rows' posts, by digest, in the transaction that makes them. Raises AlreadyImported.

    It waits for a transaction that makes the post of one of these rows.
    """
    values = (workspace_id, clock.now(), list(posts), list(posts.values()))
    if len(database.execute(NOTE, values)) < len(posts):
        raise AlreadyImported


def imported_posts(workspace_id: uuid.UUID, digests: Collection[bytes]) -> dict[bytes, uuid.UUID]:
    """Return the posts of those rows that were imported, by digest."""
    rows = ImportedRow.objects.filter(
        workspace=workspace_id, digest__in=digests, post_id__isnull=False
    )
    return {bytes(digest): post for digest, post in rows.values_list("digest", "post_id")}
