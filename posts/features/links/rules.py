"""Choose the settings of links: those of workspaces and campaigns."""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import transaction

from destinations.runtime import clock
from posts.composing.extensions import post_settings
from posts.composing.extensions.post_settings import Setting
from posts.features.links.models import LinkSettings

UTM = ("source", "medium", "campaign", "term", "content")
PLACEHOLDERS = ("platform", "account", "campaign", "post_id")
_PLACEHOLDER = re.compile(r"\{(\w*)\}")


@dataclass(frozen=True, slots=True)
class Rules:
    domains: tuple[str, ...] = ()
    utm: Mapping[str, str] = field(default_factory=dict)
    shorten: bool = False

    @property
    def has_parameters(self) -> bool:
        return bool(self.domains and self.utm)


NONE = Rules()
_ROW = "link_settings__"


class LinkSetting(Setting):
    """The rules of each campaign that has some, and of the workspace (None)."""

    name = "links"
    columns = tuple(f"{_ROW}{name}" for name in ("pk", "campaign", "domains", "utm", "shorten"))

    def read(self, rows: Sequence[Mapping[str, Any]]) -> Mapping[int | None, Rules]:
        return {
            row[f"{_ROW}campaign"]: Rules(
                tuple(row[f"{_ROW}domains"]), row[f"{_ROW}utm"], row[f"{_ROW}shorten"]
            )
            for row in rows
            if row[f"{_ROW}pk"] is not None
        }


def rules_for(workspace_id: uuid.UUID, campaign_id: int | None) -> Rules:
    """Return the campaign's rules; the workspace's, if it has none of its own."""
    every: Mapping[int | None, Rules] = post_settings.settings_for(workspace_id)[LinkSetting.name]
    return every.get(campaign_id) or every.get(None) or NONE


def find(workspace_id: uuid.UUID, campaign_id: int | None) -> LinkSettings | None:
    """Return the settings of exactly this workspace or campaign."""
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
    transaction.on_commit(lambda: post_settings.forget(workspace_id))
    return made


@transaction.atomic
def delete(workspace_id: uuid.UUID, campaign_id: int | None) -> None:
    """Have the campaign follow the workspace again, or the workspace do nothing."""
    LinkSettings.objects.filter(workspace=workspace_id, campaign=campaign_id).delete()
    transaction.on_commit(lambda: post_settings.forget(workspace_id))


def unknown_placeholders(value: str) -> list[str]:
    return [name for name in _PLACEHOLDER.findall(value) if name not in PLACEHOLDERS]


def filled(utm: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters of a link, in the order of UTM."""
    return {
        f"utm_{name}": _PLACEHOLDER.sub(lambda found: values.get(found[1], ""), utm[name])
        for name in UTM
        if utm.get(name)
    }


def short_url(code: str) -> str:
    """Return the public address of a short link."""
    return f"{settings.SHORT_LINK_URL}/l/{code}"
