"""The queues, which of them each task goes to, and the kinds of workers that serve them.

Imports no Celery. Dedicated queues of one name are a kind of that name: their workers may be
others.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import pairwise

from redis.exceptions import RedisError

from config.queue import heartbeats
from destinations.dispatch import queues
from platforms.registry import QUEUES
from posts import features

#: For ticks and wake-ups, so that they wait behind no list of posts.
DISPATCH = "dispatch"
#: For refreshing tokens, statistics and nightly work. Apart from the tick, because it waits for
#: networks.
REFRESH = "refresh"
#: For converting, fetching and deleting files.
MEDIA = "media"
#: For sending events to customers' webhooks.
WEBHOOKS = "webhooks"
#: For making posts of the rows of files.
IMPORTS = "imports"
#: Without the dedicated queues of some workspaces.
ALL = (DISPATCH, REFRESH, MEDIA, WEBHOOKS, IMPORTS, *QUEUES)
ROUTES = {
    "destinations.enqueue_due": {"queue": DISPATCH},
    "destinations.dispatch": {"queue": DISPATCH},
    "destinations.delete_posts": {"queue": DISPATCH},
    "destinations.assign_queues": {"queue": REFRESH},
    "destinations.refresh_tokens": {"queue": REFRESH},
    "destinations.read_servers": {"queue": REFRESH},
    "destinations.count_outcomes": {"queue": REFRESH},
    "posts.forget_answers": {"queue": REFRESH},
    "posts.forget_posts": {"queue": REFRESH},
    "config.forget_logins": {"queue": REFRESH},
    "posts.make_variants": {"queue": MEDIA},
    "posts.fetch_files": {"queue": MEDIA},
    "posts.clean_files": {"queue": MEDIA},
    **{each.task: {"queue": each.queue} for each in features.periodic_tasks().values()},
}
#: Work on files, imports among it: up to an hour, with much memory and CPU. A separate process
#: serves these queues (config/queue/processes.py), so that nothing else waits for it or ends with
#: it.
SLOW = (MEDIA, IMPORTS, *(name for name in QUEUES if name.endswith(queues.UPLOAD)))


def every() -> tuple[str, ...]:
    """All queues, the dedicated ones of DEDICATED_QUEUES too."""
    return (*ALL, *(queue for name in queues.names() for queue in queues.dedicated(name)))


#: The options of a worker that take patterns.
OPTIONS = frozenset({"-Q", "--queues", "-X", "--exclude-queues"})


def expand(options: Iterable[str]) -> list[str]:
    """Return a worker's options with names in place of patterns: `publish.*.upload`.

    Celery knows names only. A pattern also covers the dedicated queues of DEDICATED_QUEUES. One
    that matches nothing stays: Celery refuses it in `-Q`, and ignores it in `-X`.
    """
    found = []
    for before, word in pairwise(("", *options)):
        name, equals, value = word.partition("=")
        if before in OPTIONS:
            word = _names(word)
        elif equals and name in OPTIONS:
            word = f"{name}={_names(value)}"
        found.append(word)
    return found


def _names(patterns: str) -> str:
    known = every()
    matched = (
        [queue for queue in known if fnmatchcase(queue, pattern)] or [pattern]
        for pattern in patterns.split(",")
    )
    return ",".join(dict.fromkeys(name for names in matched for name in names))


#: The queues of each kind of worker (config/queue/processes.py). One that serves every queue counts
#: as both. Without those that serve dedicated queues.
SERVED = {
    "worker": frozenset(ALL) - set(SLOW),
    "uploader": frozenset(SLOW),
}


@dataclass(frozen=True, slots=True)
class QueueKind:
    """`alive` counts the processes that serve any queue of the kind."""

    alive: int
    #: Its queues that no live process serves.
    unserved: tuple[str, ...]


def served() -> Mapping[str, frozenset[str]]:
    """The queues of every kind."""
    return SERVED | {name: frozenset(queues.dedicated(name)) for name in queues.names()}


def unserved() -> frozenset[str]:
    """Return the queues that no live worker serves; none if Redis does not say."""
    try:
        return frozenset().union(*(kind.unserved for kind in kinds().values()))
    except RedisError:
        return frozenset()


def kinds(known: Sequence[heartbeats.WorkerHeartbeat] | None = None) -> dict[str, QueueKind]:
    """Every kind of worker, of these or as Redis knows it at this moment. Raises RedisError."""
    known = heartbeats.known() if known is None else known
    alive = [worker for worker in known if worker.is_alive]
    has_worker = frozenset[str]().union(*(worker.queues for worker in alive))
    return {
        name: QueueKind(
            alive=sum(bool(worker.queues & own) for worker in alive),
            unserved=tuple(sorted(own - has_worker)),
        )
        for name, own in served().items()
    }
