"""Read a workspace's settings for all its posts, such as hashtags and the rules of links.

One statement reads everything, and each process remembers it for a few seconds, so that composing
a post asks for nothing.
"""

import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from posts import registry
from posts.models import Workspace

#: A change takes effect within so many seconds, in every process.
CACHE_SECONDS = 5
#: How many workspaces' settings are remembered.
MOST = 5_000


class Setting(ABC):
    """What a feature reads of a workspace for each of its posts."""

    name: ClassVar[str]
    #: Columns of the workspace, and of rows that are related to it.
    columns: ClassVar[tuple[str, ...]]

    @abstractmethod
    def read(self, rows: Sequence[Mapping[str, Any]]) -> Any:
        """Return the setting of a workspace's rows; there are none of an unknown one."""


_cache: dict[uuid.UUID, tuple[float, Mapping[str, Any]]] = {}


def settings_for(workspace_id: uuid.UUID) -> Mapping[str, Any]:
    """Return the settings of a workspace by name, which may be a few seconds old."""
    now = time.monotonic()
    until, known = _cache.get(workspace_id, (now, None))
    if known is not None and now < until:
        return known
    found = _read(workspace_id)
    if len(_cache) >= MOST:
        _cache.clear()
    _cache[workspace_id] = (now + CACHE_SECONDS, found)
    return found


def _read(workspace_id: uuid.UUID) -> Mapping[str, Any]:
    settings = registry.hooks(Setting)
    columns = {name for each in settings for name in each.columns}
    rows = list(Workspace.objects.filter(pk=workspace_id).values(*sorted(columns)))
    return {each.name: each.read(rows) for each in settings}


def forget(workspace_id: uuid.UUID | None = None) -> None:
    """Read the settings anew: of one workspace, or all."""
    if workspace_id is None:
        _cache.clear()
    else:
        _cache.pop(workspace_id, None)
