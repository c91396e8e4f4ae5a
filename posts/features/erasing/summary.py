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


class Line(NamedTuple):
    name: str
    number: str


def of(target: Workspace | Account) -> list[Line]:
    """Return what goes, by kind, and how much of each."""
    wanted = Erasure.of(target)
    in_flight = Line("posts in flight: waited for", f"{len(flights.posts(wanted)):,}")
    found = [in_flight, *(Line(name, _count(rows)) for name, rows in _rows(wanted))]
    return [line for line in found if line.number != "0"]


def stays(target: Workspace | Account) -> tuple[str, ...]:
    """Return what stays, and why."""
    return (*STAYS, *STAYS_OF_ACCOUNT) if isinstance(target, Account) else STAYS


def _rows(wanted: Erasure) -> Iterator[tuple[str, QuerySet[Any]]]:
    mine = Destination.objects.filter(flights.of(wanted))
    yield from _of_posts(wanted)
    waits = Q(due_at__isnull=False, claim=None, awaits_network=False)
    yield "destinations", mine
    yield "of these scheduled or waiting for a retry: cancelled", mine.filter(waits)
    yield "of these public, and staying so", mine.filter(status=S.PUBLISHED)
    yield "of these may be live: look first", mine.filter(error_code="outcome_unknown")
    if wanted.scope == Erasure.Scope.WORKSPACE:
        for model, path in tables.roots():
            yield _name(model), model._default_manager.filter(**{path: wanted.target})
        return
    for model, path in tables.with_column("account_number"):
        if model is not Destination:
            rows = model._default_manager.filter(**{path: wanted.workspace_of})
            yield _name(model), rows.filter(account_number=int(wanted.target))


def _of_posts(wanted: Erasure) -> Iterator[tuple[str, QuerySet[Any]]]:
    if wanted.scope == Erasure.Scope.WORKSPACE:
        yield "posts", Post.objects.filter(workspace=wanted.target)
        return
    number = int(wanted.target)
    mine = Post.objects.filter(workspace=wanted.workspace_of, destinations__account=number)
    others = Destination.objects.filter(post=OuterRef("pk")).exclude(account_number=number)
    yield "posts of it alone", mine.exclude(Exists(others))
    yield "posts that other accounts have too, which stay", mine.filter(Exists(others))


def _name(model: type[Model]) -> str:
    return str(model._meta.verbose_name_plural)


def _count(rows: QuerySet[Any]) -> str:
    count = rows.order_by()[: MOST + 1].count()
    return f"{MOST:,}+" if count > MOST else f"{count:,}"
