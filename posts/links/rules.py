"""What becomes of links: the settings of workspaces and campaigns."""

import re
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.conf import settings
from django.db import transaction

from destinations.runtime import clock
from posts.models import LinkSettings

UTM = ("source", "medium", "campaign", "term", "content")
PLACEHOLDERS = ("platform", "account", "campaign", "post_id")
_PLACEHOLDER = re.compile(r"\{(\w*)\}")
#: A change takes effect within so many seconds, in every process.
CACHE_SECONDS = 5
#: How many workspaces' settings are remembered.
MOST = 5_000


@dataclass(frozen=True, slots=True)
class Rules:
    domains: tuple[str, ...] = ()
    utm: Mapping[str, str] = field(default_factory=dict)
    shorten: bool = False

    @property
    def has_parameters(self) -> bool:
        return bool(self.domains and self.utm)


NONE = Rules()
_cache: dict[uuid.UUID, tuple[float, dict[int | None, Rules]]] = {}


def of(workspace_id: uuid.UUID, campaign_id: int | None) -> Rules:
    """The campaign's rules; the workspace's, if it has none of its own."""
    every = _every(workspace_id)
    return every.get(campaign_id) or every.get(None, NONE)


def _every(workspace_id: uuid.UUID) -> dict[int | None, Rules]:
    """Of the workspace (None) and of its campaigns, remembered for a few seconds."""
    now = time.monotonic()
    until, known = _cache.get(workspace_id, (now, {}))
    if now < until:
        return known
    rows = LinkSettings.objects.filter(workspace=workspace_id)
    found = {row.campaign_id: Rules(tuple(row.domains), row.utm, row.shorten) for row in rows}
    if len(_cache) >= MOST:
        _cache.clear()
    _cache[workspace_id] = (now + CACHE_SECONDS, found)
    return found


def forget() -> None:
    """Read the settings anew."""
    _cache.clear()


def find(workspace_id: uuid.UUID, campaign_id: int | None) -> LinkSettings | None:
    """The settings of exactly this workspace or campaign."""
    return LinkSettings.objects.filter(workspace=workspace_id, campaign=campaign_id).first()


@transaction.atomic
def save(
    workspace_id: uuid.UUID, campaign_id: int | None, values: Mapping[str, object]
) -> LinkSettings:
    """Change the settings of the workspace or the campaign; they are made if there are none."""
    made, _ = LinkSettings.objects.update_or_create(
        workspace_id=workspace_id,
        campaign_id=campaign_id,
        defaults={**values, "updated_at": clock.now()},
    )
    transaction.on_commit(lambda: _cache.pop(workspace_id, None))
    return made


@transaction.atomic
def delete(workspace_id: uuid.UUID, campaign_id: int | None) -> None:
    """Have the campaign follow the workspace again, or the workspace do nothing."""
    LinkSettings.objects.filter(workspace=workspace_id, campaign=campaign_id).delete()
    transaction.on_commit(lambda: _cache.pop(workspace_id, None))


def unknown_placeholders(value: str) -> list[str]:
    return [name for name in _PLACEHOLDER.findall(value) if name not in PLACEHOLDERS]


def filled(utm: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """The parameters of a link, in the order of UTM."""
    return {
        f"utm_{name}": _PLACEHOLDER.sub(lambda found: values.get(found[1], ""), utm[name])
        for name in UTM
        if utm.get(name)
    }


def short_url(code: str) -> str:
    """The public address of a short link."""
    return f"{settings.SHORT_LINK_URL}/l/{code}"
