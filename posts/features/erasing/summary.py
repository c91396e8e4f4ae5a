"""Say what an erasure deletes, how much of it, and what stays: for the command and the admin."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from destinations.models import Account, Destination
from posts.features.erasing import flights, tables
from posts.features.erasing.models import Erasure
from posts.models import Post, Workspace

#: Counted up to here.
MOST = 10_000
S = Destination.Status

HAPPENS = (
    "Its API keys, agents, share links and calendars are refused now, and nothing of it begins.",
    "What is scheduled or waits for a retry is cancelled.",
    "What has reached its network goes on. It is erased once its end is known (about two days).",
    "What was asked to be deleted on a network is deleted there first.",
    "Its short links lead nowhere any more, also those in public posts.",
    "No network is asked to withdraw the tokens: their owner removes the app there.",
)
STAYS = (
    "What is public stays public. If it should go, delete it on its network before.",
    "A record of this erasure, with the id and no name, so that it can be repeated.",
    "In Redis, ids of posts that were scheduled, so that a restored database does not send them.",
    "Names of stored files, for a day, so that bytes that come late are deleted too.",
    "Backups, logs outside of Dovecote, and what receivers of webhooks were sent.",
)
STAYS_OF_ACCOUNT = (
    "Posts that other accounts have too, and what the workspace wrote of all posts.",
    "Imported files, approvals and answers to repeated requests may name it, until they end.",
)


#: What people know by name, one and many of it. The rest (tallies, progress, records) is summed.
KNOWN = {
    "posts.apikey": ("API key", "API keys"),
    "destinations.account": ("account", "accounts"),
    "posts.media": ("file", "files"),
    "posts.campaign": ("campaign", "campaigns"),
    "posts.postingqueue": ("posting queue", "posting queues"),
    "posts.recurrence": ("recurring post", "recurring posts"),
    "posts.recycling": ("recycled post", "recycled posts"),
    "posts.feed": ("RSS or Atom feed", "RSS or Atom feeds"),
    "posts.import": ("import", "imports"),
    "posts.hashtagset": ("hashtag set", "hashtag sets"),
    "posts.shortlink": ("short link", "short links"),
    "posts.calendarfeed": ("calendar", "calendars"),
    "posts.approval": ("approval", "approvals"),
    "posts.webhook": ("webhook", "webhooks"),
    "posts.webhookevent": ("event for webhooks", "events for webhooks"),
    "posts.oauthgrant": ("connected agent", "connected agents"),
    "posts.devicelogin": ("login from a terminal", "logins from terminals"),
    "posts.apirequest": ("API call in the log", "API calls in the log"),
    "posts.aiuse": ("AI call", "AI calls"),
    "destinations.connection": ("link that connects an account", "links that connect accounts"),
    "destinations.deletion": ("deletion on a network", "deletions on networks"),
}
REST = ("other row, such as a count or a record", "other rows, such as counts and records")
#: One and many of what is counted, and its rows.
Counted = tuple[str, str, QuerySet[Any]]


class Line(NamedTuple):
    name: str
    number: str


def of(target: Workspace | Account) -> list[Line]:
    """Return what goes, in words that people know, and how much of each."""
    wanted = Erasure.of(target)
    in_flight = len(flights.posts(wanted))
    found = [_line(in_flight, "post in flight: waited for", "posts in flight: waited for")]
    found += [_line(_count(rows), *names) for *names, rows in _of_posts(wanted)]
    rest = 0
    for model, rows in _tables(wanted):
        count = _count(rows)
        if names := KNOWN.get(model._meta.label_lower):
            found.append(_line(count, *names))
        else:
            rest += count
    return [line for line in [*found, _line(rest, *REST)] if line.number != "0"]


def stays(target: Workspace | Account) -> tuple[str, ...]:
    """Return what stays, and why."""
    return (*STAYS, *STAYS_OF_ACCOUNT) if isinstance(target, Account) else STAYS


def _of_posts(wanted: Erasure) -> Iterator[Counted]:
    mine = Destination.objects.filter(flights.of(wanted))
    if wanted.scope == Erasure.Scope.WORKSPACE:
        yield "post", "posts", Post.objects.filter(workspace=wanted.target)
    else:
        yield from _of_account(wanted)
    yield "destination", "destinations", mine
    waits = mine.filter(Q(due_at__isnull=False, claim=None, awaits_network=False))
    public, doubtful = mine.filter(status=S.PUBLISHED), mine.filter(error_code="outcome_unknown")
    for name, rows in (
        ("of these scheduled or waiting for a retry: cancelled", waits),
        ("of these public, and staying so", public),
        ("of these may be live: look first", doubtful),
    ):
        yield name, name, rows


def _of_account(wanted: Erasure) -> Iterator[Counted]:
    number = int(wanted.target)
    mine = Post.objects.filter(workspace=wanted.workspace_of, destinations__account=number)
    others = Destination.objects.filter(post=OuterRef("pk")).exclude(account_number=number)
    yield "post of it alone", "posts of it alone", mine.exclude(Exists(others))
    shared = mine.filter(Exists(others))
    one, many = "post that other accounts have too", "posts that other accounts have too"
    yield f"{one}, which stays", f"{many}, which stay", shared


def _tables(wanted: Erasure) -> Iterator[tuple[type[Model], QuerySet[Any]]]:
    """Yield the rows of each other table."""
    if wanted.scope == Erasure.Scope.WORKSPACE:
        for model, path in tables.roots():
            yield model, model._default_manager.filter(**{path: wanted.target})
        return
    for model, path in tables.with_column("account_number"):
        if model is not Destination:
            rows = model._default_manager.filter(**{path: wanted.workspace_of})
            yield model, rows.filter(account_number=int(wanted.target))


def _count(rows: QuerySet[Any]) -> int:
    return rows.order_by()[: MOST + 1].count()


def _line(count: int, one: str, many: str) -> Line:
    name = one if count == 1 else many
    return Line(name, f"{MOST:,}+" if count > MOST else f"{count:,}")
