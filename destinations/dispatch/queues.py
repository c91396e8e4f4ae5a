"""Choose the queue of a destination's messages: the network's shared one, or a dedicated one.

DEDICATED_QUEUES gives workspaces queues of their own, `publish.x.NAME` and `publish.x.NAME.upload`,
which other workers can serve than those of the rest. A row's queue is stored with it, because a
claim counts what is in flight by it, and stepping over a full queue costs nothing then.

No row is ever left in a queue that nothing serves any more: `to_send` knows only the queues of the
present setting, and `reassign.py` moves rows that wait when the setting has changed.
"""

import re
import uuid

from django.conf import settings

from platforms.registry import QUEUES

UPLOAD = ".upload"
#: With the longest name of a network it fits the column.
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,29}")
#: The end of other queues' names, and words that stand beside these names in /readyz.
RESERVED = frozenset({"upload", "worker", "uploader", "beat", "ok"})


def parse(text: str) -> dict[uuid.UUID, str]:
    """`WORKSPACE=NAME,WORKSPACE=NAME` as a dict. Raises ValueError with what is wrong."""
    found: dict[uuid.UUID, str] = {}
    for word in filter(None, map(str.strip, text.split(","))):
        workspace, separator, name = (part.strip() for part in word.partition("="))
        if not separator:
            raise ValueError(f"must look like WORKSPACE=NAME,WORKSPACE=NAME, not {word!r}.")
        try:
            key = uuid.UUID(workspace)
        except ValueError:
            raise ValueError(f"{workspace!r} is not the id of a workspace.") from None
        if not NAME.fullmatch(name) or name in RESERVED:
            raise ValueError(
                f"{name!r} cannot name queues: up to 30 of a-z, 0-9 and hyphens,"
                f" and not {', '.join(sorted(RESERVED))}."
            )
        if key in found:
            raise ValueError(f"the workspace {key} is named twice.")
        found[key] = name
    return found


def names() -> tuple[str, ...]:
    """Return the dedicated queues' names, such as `acme`: one for one or more workspaces."""
    return tuple(dict.fromkeys(settings.DEDICATED_QUEUES.values()))


def dedicated(name: str) -> tuple[str, ...]:
    """Return the queues of this name: two per network."""
    return tuple(_dedicated(queue, name) for queue in QUEUES)


def known() -> tuple[str, ...]:
    """Return every queue of destinations under the present setting."""
    return (*QUEUES, *(queue for name in names() for queue in dedicated(name)))


def of_workspace(queue: str, workspace_id: uuid.UUID) -> str:
    """Return the queue of this workspace for what others have in `queue`, a shared one."""
    name = settings.DEDICATED_QUEUES.get(workspace_id)
    return _dedicated(queue, name) if name else queue


def to_send(queue: str) -> str:
    """Return where messages of rows of this queue go: to the shared one if it is known no more."""
    return queue if queue in QUEUES or queue in known() else shared(queue)


def shared(queue: str) -> str:
    """Return the shared queue of the same network and kind."""
    network = ".".join(queue.split(".")[:2])
    return f"{network}{UPLOAD}" if queue.endswith(UPLOAD) else network


def _dedicated(queue: str, name: str) -> str:
    network, upload, _ = queue.partition(UPLOAD)
    return f"{network}.{name}{upload}"
