"""Add a workspace's defaults to posts that name no hashtag sets, or no first comment."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from posts.composing import post_settings
from posts.content import PLACES
from posts.models import Workspace

#: Where hashtags go. First comments only where the network has them, else into the text.
TEXT, FIRST_COMMENT = PLACES


@dataclass(frozen=True, slots=True)
class Defaults:
    """Nothing, unless it was set."""

    hashtags: tuple[str, ...] = ()
    hashtags_in: str = TEXT
    first_comment: str = ""


def of(workspace_id: uuid.UUID) -> Defaults:
    """Return the defaults of a workspace, which may be a few seconds old."""
    return of_stored(post_settings.of(workspace_id).defaults)


def find(workspace_id: uuid.UUID) -> Defaults:
    """Return the defaults of a workspace as they are stored."""
    found = Workspace.objects.filter(pk=workspace_id).values_list("post_defaults", flat=True)
    return of_stored(found.get())


@transaction.atomic
def save(workspace_id: uuid.UUID, changes: Mapping[str, Any]) -> Defaults:
    """Change the fields of Defaults that are given; returns them all."""
    workspace = Workspace.objects.select_for_update(no_key=True).get(pk=workspace_id)
    workspace.post_defaults = {**workspace.post_defaults, **changes}
    workspace.save(update_fields=["post_defaults"])
    transaction.on_commit(lambda: post_settings.forget(workspace_id))
    return of_stored(workspace.post_defaults)


def of_stored(stored: Mapping[str, Any]) -> Defaults:
    """Read Workspace.post_defaults."""
    return Defaults(
        tuple(stored.get("hashtags", ())),
        stored.get("hashtags_in", TEXT),
        stored.get("first_comment", ""),
    )
