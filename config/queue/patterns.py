"""Patterns in a worker's `-Q` and `-X`: `publish.*.upload` means every queue for uploads.

Celery knows names only. A pattern also covers the dedicated queues that DEDICATED_QUEUES makes.
"""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from itertools import pairwise

from config.queue.routing import every

OPTIONS = frozenset({"-Q", "--queues", "-X", "--exclude-queues"})


def expand(options: Iterable[str]) -> list[str]:
    """A worker's options with names in place of patterns. One that matches nothing stays: Celery
    refuses it in `-Q`, and ignores it in `-X`.
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
    queues = every()
    matched = (
        [queue for queue in queues if fnmatchcase(queue, pattern)] or [pattern]
        for pattern in patterns.split(",")
    )
    return ",".join(dict.fromkeys(name for names in matched for name in names))
