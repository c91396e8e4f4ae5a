"""Copies of files without their metadata: networks receive them, and links lead to them.

The original is kept as it was sent. It stays private unless the workspace publishes metadata. A
copy is a variant like any other: made once, waited for, and requested again if it was lost. A file
without metadata needs no copy.
"""

from collections.abc import Iterable

from platforms.limits import Form
from posts.media.convert import jobs, request
from posts.models import Media


def prepare(media: Media) -> None:
    """Make the copy of a new file: of most images at once, of other files by a worker."""
    if not _is_missing(media):
        return
    if media.kind == Media.Kind.IMAGE:
        jobs.make_at_once(media, _form(media))
        media.refresh_from_db(fields=["stripped_key"])
    if _is_missing(media):
        request.for_file(media, _form(media))


def request_missing(rows: Iterable[Media]) -> None:
    """Request the copies that were never requested, or whose message or worker was lost."""
    wanted = {(media.storage_key, _form(media)) for media in rows if _is_missing(media)}
    if wanted:
        request.states(wanted)


def _is_missing(media: Media) -> bool:
    return media.status == Media.Status.READY and not media.public_key


def _form(media: Media) -> Form:
    return Form(media.content_type)
