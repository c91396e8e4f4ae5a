"""Copies of files without their metadata: what networks get, and what links show.

The original is kept as it was sent, and not shown unless the workspace keeps the metadata. The copy
is a form of the file like any other: made once, waited for, and made again if it was lost. A file
that has no metadata has no copy.
"""

from collections.abc import Iterable

from platforms.limits import Form
from posts.media.convert import jobs, request
from posts.models import Media


def prepare(media: Media) -> None:
    """Have the copy of a new file made: of most pictures at once, of the rest by a worker."""
    if not _is_missing(media):
        return
    if media.kind == Media.Kind.IMAGE:
        jobs.make_at_once(media, _form(media))
        media.refresh_from_db(fields=["stripped_key"])
    if _is_missing(media):
        request.ask_for(media, _form(media))


def see_to(rows: Iterable[Media]) -> None:
    """Ask for copies that were not asked for yet, or whose message or maker was lost."""
    wanted = {(media.storage_key, _form(media)) for media in rows if _is_missing(media)}
    if wanted:
        request.states(wanted)


def _is_missing(media: Media) -> bool:
    return media.status == Media.Status.READY and not media.public_key


def _form(media: Media) -> Form:
    return Form(media.content_type)
