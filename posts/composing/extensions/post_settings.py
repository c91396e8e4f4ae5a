"""Read a workspace's settings for all its posts: hashtags, first comments and links.

One statement reads everything, and each process remembers it for a few seconds, so that composing
a post asks for nothing.
"""

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from posts.models import Workspace

#: A change takes effect within so many seconds, in every process.
CACHE_SECONDS = 5
#: How many workspaces' settings are remembered.
MOST = 5_000
_COLUMNS = ("post_defaults", "link_settings__pk", "link_settings__campaign")
_LINKS = ("domains", "utm", "shorten")


@dataclass(frozen=True, slots=True)
class PostSettings:
    #: The defaults of posts that name none; see `posts.features.hashtags.sets`.
    defaults: Mapping[str, Any] = field(default_factory=dict)
    #: Columns of LinkSettings, of each campaign and of the workspace (None).
    links: Mapping[int | None, Mapping[str, Any]] = field(default_factory=dict)


_cache: dict[uuid.UUID, tuple[float, PostSettings]] = {}


def settings_for(workspace_id: uuid.UUID) -> PostSettings:
    """Return the settings of a workspace, which may be a few seconds old."""
    now = time.monotonic()
    until, known = _cache.get(workspace_id, (now, None))
    if known is not None and now < until:
        return known
    found = _read(workspace_id)
    if len(_cache) >= MOST:
        _cache.clear()
    _cache[workspace_id] = (now + CACHE_SECONDS, found)
    return found


def _read(workspace_id: uuid.UUID) -> PostSettings:
    columns = [*_COLUMNS, *(f"link_settings__{name}" for name in _LINKS)]
    rows = list(Workspace.objects.filter(pk=workspace_id).values_list(*columns))
    links = {
        campaign: dict(zip(_LINKS, values, strict=True))
        for _, key, campaign, *values in rows
        if key is not None
    }
    return PostSettings(rows[0][0] if rows else {}, links)


def forget(workspace_id: uuid.UUID | None = None) -> None:
    """Read the settings anew: of one workspace, or all."""
    if workspace_id is None:
        _cache.clear()
    else:
        _cache.pop(workspace_id, None)
