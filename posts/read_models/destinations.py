"""Destinations, as lists, posts and results show them."""

import uuid
from datetime import datetime
from typing import Any, NamedTuple, Self

from destinations.models import Destination


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


class DestinationRow(NamedTuple):
    """A destination. A list shows the columns up to `account_name`, and leaves the others out."""

    id: uuid.UUID
    platform: str
    status: str
    account_name: str
    account_number: int = 0
    published_at: datetime | None = None
    platform_post_id: str = ""
    error: str = ""
    attempts: int = 0

    public_id = Destination.public_id

    @classmethod
    def read(cls, columns: list[Any]) -> Self:
        """From JSON, with the first columns or with all of them."""
        columns[0] = uuid.UUID(columns[0])
        if len(columns) > PUBLISHED_AT:
            columns[PUBLISHED_AT] = _time(columns[PUBLISHED_AT])
        return cls(*columns)


#: How many columns of a destination a list has.
LISTED_COLUMNS = 4
PUBLISHED_AT = DestinationRow._fields.index("published_at")


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
    claim: str | None
    error_code: str
    notes: list[str]
    account: HeldAccount
    #: What its network says of it, by name; only where the whole post is read.
    metrics: dict[str, int] | None = None

    public_id = Destination.public_id
    is_begun = Destination.is_begun

    @classmethod
    def read(cls, columns: list[Any]) -> Self:
        """From JSON, with the account's `held_until` as the last column."""
        *own, held_until = columns
        own[0] = uuid.UUID(own[0])
        for index in TIMES:
            own[index] = _time(own[index])
        return cls._make([*own, HeldAccount(_time(held_until)), None])

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
TIMES = [ResultRow._fields.index(name) for name in ("published_at", "next_retry_at", "due_at")]
