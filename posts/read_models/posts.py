"""Posts with their files and destinations, as lists and answers show them."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from types import SimpleNamespace
from typing import Any, NamedTuple, Self

import orjson

from posts import content
from posts.models import Media, Post
from posts.read_models.destinations import DestinationRow, ResultRow
from posts.read_models.repeats import Repeats, of_repeats


class FileRow(NamedTuple):
    """An attached file, and where the bytes are that others may see."""

    id: str
    kind: str
    has_metadata: bool | None
    storage_key: str
    stripped_key: str
    keep_metadata: bool

    is_stripped = Media.is_stripped
    public_key = Media.public_key


class PostRow(NamedTuple):
    id: uuid.UUID
    content: str
    scheduled_for: datetime | None
    timezone: str
    status: str
    created_at: datetime
    updated_at: datetime
    campaign_id: int | None
    #: Plain fields, by their names.
    plain: SimpleNamespace
    posting_queue_id: uuid.UUID | None
    repeats: Repeats | None
    files: list[FileRow]
    destinations: list[DestinationRow]
    #: Where it stands with its approval, as the API shows it; None: none was asked for.
    approval: dict[str, Any] | None = None
    #: The hashtag sets that it named; None: none.
    hashtag_set_ids: list[str] | None = None

    public_id = Post.public_id
    queue_id = Post.queue_id
    metadata = property(attrgetter("plain.metadata"))

    recurrence_id = of_repeats("recurrence_id")
    occurrence_date = of_repeats("occurrence_date")
    recycled_from = of_repeats("public_recycled_from")
    recycled_from_row = of_repeats("recycled_from")
    recycling = of_repeats("recycling")

    @classmethod
    def read(cls, columns: Sequence[Any]) -> Self:
        """From the columns of `SELECT`."""
        *own, plain, queue, sets, repeats, approval, files, destinations = columns
        attached = [FileRow(*each) for each in orjson.loads(files or "[]")]
        rows = [DestinationRow.read(each) for each in orjson.loads(destinations or "[]")]
        again = Repeats(*orjson.loads(repeats)) if repeats else None
        shown = orjson.loads(approval) if approval else None
        named = orjson.loads(sets) if sets else None
        said = SimpleNamespace(**dict(zip(content.plain(), orjson.loads(plain), strict=True)))
        return cls._make([*own, said, queue, again, attached, rows, shown, named])


def _of_post(name: str) -> Any:
    """Return a property of a row with `post`: the post's value of this name."""
    return property(attrgetter(f"post.{name}"))


class WholePostRow(NamedTuple):
    """A post with all that is shown of it anywhere; its destinations are as in their results."""

    post: PostRow
    platform_content: dict[str, Any]
    destinations: list[ResultRow]

    id = _of_post("id")
    status = _of_post("status")
    plain = _of_post("plain")
    metadata = _of_post("metadata")
    queue_id = _of_post("queue_id")
    recurrence_id = _of_post("recurrence_id")
    occurrence_date = _of_post("occurrence_date")
    #: Not by its public id: the mounts show it in ways of their own.
    recycled_from = _of_post("recycled_from_row")
    recycling = _of_post("recycling")
    approval = _of_post("approval")

    @classmethod
    def read(cls, columns: Sequence[Any]) -> Self:
        """From the columns of `WHOLE`."""
        *own, destinations, platform_content = columns
        rows = [ResultRow.read_whole(each) for each in orjson.loads(destinations or "[]")]
        return cls._make([PostRow.read([*own, None]), orjson.loads(platform_content), rows])
