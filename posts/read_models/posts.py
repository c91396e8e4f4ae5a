"""Posts with their files, destinations and recurrence, as lists and answers show them."""

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from operator import attrgetter
from types import SimpleNamespace
from typing import Any, NamedTuple, Self

import orjson

from destinations import public_ids
from destinations.models import Destination
from posts import content
from posts.models import Media, Post


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


class DestinationRow(NamedTuple):
    """A destination. Its events show the columns up to `account_number`."""

    id: uuid.UUID
    platform: str
    status: str
    account_name: str
    account_number: int = 0
    published_at: datetime | None = None
    platform_post_id: str = ""
    error: str = ""
    attempts: int = 0
    #: Whether anything is paused, here or elsewhere.
    has_pauses: bool = True

    public_id = Destination.public_id

    @classmethod
    def read(cls, columns: list[Any]) -> Self:
        """From JSON, with the first columns or with all of them."""
        columns[0] = uuid.UUID(columns[0])
        if len(columns) > PUBLISHED_AT:
            columns[PUBLISHED_AT] = _time(columns[PUBLISHED_AT])
        return cls(*columns)


def _listed(destination: dict[str, Any]) -> dict[str, Any]:
    """Return a destination of a list as it is shown: PostgreSQL has written all but its id."""
    destination["id"] = public_ids.encode_text(public_ids.DESTINATION, destination["id"])
    return destination


PUBLISHED_AT = DestinationRow._fields.index("published_at")
#: The columns of a destination that are its own.
DETAILED_COLUMNS = DestinationRow._fields[: DestinationRow._fields.index("has_pauses")]


class HeldAccount(NamedTuple):
    """The account's columns in the results of a destination."""

    held_until: datetime | None


class ResultRow(NamedTuple):
    """A destination with all that its results tell."""

    id: uuid.UUID
    platform: str
    status: str
    account_name: str
    account_number: int
    published_at: datetime | None
    platform_post_id: str
    error: str
    attempts: int
    platform_post_url: str
    next_retry_at: datetime | None
    due_at: datetime | None
    wanted_at: datetime
    claim: str | None
    error_code: str
    notes: list[str]
    account: HeldAccount
    #: The network's numbers by name; only where the whole post is read.
    metrics: dict[str, int] | None = None
    #: Whether anything is paused, here or elsewhere.
    has_pauses: bool = True

    public_id = Destination.public_id
    is_begun = Destination.is_begun

    @classmethod
    def read(cls, columns: list[Any]) -> Self:
        """From JSON, with the account's `held_until` and `has_pauses` as the last columns."""
        *own, held_until, has_pauses = columns
        own[0] = uuid.UUID(own[0])
        for index in TIMES:
            own[index] = _time(own[index])
        return cls._make([*own, HeldAccount(_time(held_until)), None, has_pauses])

    @classmethod
    def read_whole(cls, columns: list[Any]) -> Self:
        """Read a row that ends with the network's numbers; null for what is not known."""
        *own, numbers = columns
        pairs = zip(METRICS, numbers or (), strict=False)
        known = {name: number for name, number in pairs if number is not None}
        return cls.read(own)._replace(metrics=known or None)


#: Of a destination within its post.
METRICS = ("views", "likes", "comments", "shares")
#: The columns of a result that are the destination's own.
RESULT_COLUMNS = ResultRow._fields[: ResultRow._fields.index("account")]
TIMES = [
    ResultRow._fields.index(name)
    for name in ("published_at", "next_retry_at", "due_at", "wanted_at")
]


#: By unique indexes; most posts have no such row.
REPEATS = """coalesce((
    SELECT json_build_array(o.recurrence_id, o.date)::text
    FROM posts_occurrence o WHERE o.post_id = p.id
), (
    SELECT json_build_array(null, null, r.recycling_id)::text
    FROM posts_recycledpost r WHERE r.post_id = p.id
), (
    SELECT json_build_array(null, null, null, json_build_object(
        'enabled', g.enabled, 'gap', g.gap, 'gap_unit', g.gap_unit, 'start_date', g.start_date,
        'expire_count', g.expire_count, 'expire_date', g.expire_date,
        'content_variations', g.content_variations))::text
    FROM posts_recycling g WHERE g.post_id = p.id
))"""


class Repeats(NamedTuple):
    """A post's recurrence and recycling."""

    recurrence_id: str | None = None
    occurrence_date: str | None = None
    recycled_from: str | None = None
    recycling: dict[str, Any] | None = None

    @property
    def public_recycled_from(self) -> str | None:
        """Return the public id of the post that this one repeats."""
        found = self.recycled_from
        return public_ids.encode(public_ids.POST, uuid.UUID(found)) if found else None


def of_repeats(name: str) -> Any:
    """Return a property of a row with `repeats`: their value of this name; None without any."""

    def value(row: Any) -> Any:
        return row.repeats and getattr(row.repeats, name)

    return property(value)


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
    #: In a list, as they are shown.
    destinations: list[DestinationRow] | list[dict[str, Any]]
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
    def read_listed(cls, columns: Sequence[Any]) -> Self:
        """Read a post of a list. Its times are texts, as they are shown."""
        return cls.read(columns, _listed)

    @classmethod
    def read(
        cls, columns: Sequence[Any], destination: Callable[[Any], Any] = DestinationRow.read
    ) -> Self:
        """From the columns of `SELECT`."""
        *own, plain, queue, sets, repeats, approval, files, destinations = columns
        attached = [FileRow(*each) for each in orjson.loads(files)] if files else []
        rows = list(map(destination, orjson.loads(destinations))) if destinations else []
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
