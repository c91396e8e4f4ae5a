"""Recognise a post in an account's own list, if only the list can tell its id."""

from dataclasses import dataclass
from datetime import datetime, timedelta

#: How far an entry's time may lie before the first and after the last call that published.
BEFORE, AFTER = timedelta(seconds=120), timedelta(seconds=900)


@dataclass(frozen=True, slots=True)
class ListedPost:
    """An entry of the list, with what helps to recognise a post."""

    id: str
    url: str
    text: str
    at: datetime
    #: The network's word for its type: an image, a reel, a story.
    kind: str
    #: How many files a carousel holds; 0 for other types, or if the list does not say.
    children: int = 0
    tag: str = ""
    #: The post that it replies to.
    replied_to: str = ""


@dataclass(frozen=True, slots=True)
class SendWindow:
    """When a post may have appeared."""

    first_sent_at: datetime
    last_sent_at: datetime

    @classmethod
    def between(cls, first_sent_at: str | None, last_sent_at: datetime) -> "SendWindow":
        """Since the first recorded call, because any of the calls may be the one that worked."""
        first = datetime.fromisoformat(first_sent_at) if first_sent_at else last_sent_at
        return cls(min(first, last_sent_at), last_sent_at)

    @property
    def since(self) -> str:
        """Its start in unix seconds, as lists take it."""
        return str(int((self.first_sent_at - BEFORE).timestamp()))

    def holds(self, at: datetime) -> bool:
        return self.first_sent_at - BEFORE <= at <= self.last_sent_at + AFTER


def has_as_many(entry: ListedPost, items: int) -> bool:
    """Return whether a post of so many files could be this entry."""
    return entry.children in (0, items if items > 1 else 0)
