"""Find, make, change and delete the hashtag sets of a workspace, and its defaults.

Defaults are added to posts that name no hashtag sets, or no first comment.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from destinations.access import Reach
from destinations.runtime import clock
from posts.composing.extensions import lifecycle, post_settings
from posts.composing.extensions.post_settings import Setting
from posts.content import PLACES
from posts.errors import RequestRefused, invalid, known
from posts.features.hashtags.models import HashtagSet
from posts.models import Post, Workspace
from posts.read_models import queries

log = structlog.get_logger()


def listed(workspace_id: uuid.UUID) -> QuerySet[HashtagSet]:
    """Return the sets of a workspace by name; there are at most HASHTAG_SET_LIMIT."""
    return _of(workspace_id).order_by("name")


def named(
    workspace_id: uuid.UUID, ids: Sequence[uuid.UUID], *, skips_unknown: bool = False
) -> list[HashtagSet]:
    """Return the sets with these ids, each once, in their order, by one statement.

    Raises RequestRefused for ids that are none, unless they are to be skipped.
    """
    wanted = list(dict.fromkeys(ids))
    found = _of(workspace_id).in_bulk(wanted) if wanted else {}
    missing = [str(key) for key in wanted if key not in found]
    if missing and not skips_unknown:
        raise invalid("hashtag_set_ids", f"There is no such hashtag set: {', '.join(missing)}.")
    return [found[key] for key in wanted if key in found]


@transaction.atomic
def create(workspace_id: uuid.UUID, values: Mapping[str, Any]) -> HashtagSet:
    """Create a set. Raises RequestRefused if its name is taken, or there are as many as may be."""
    _lock(workspace_id)
    most = settings.HASHTAG_SET_LIMIT
    if _of(workspace_id)[:most].count() >= most:
        raise RequestRefused(
            "conflict",
            f"This workspace has {most} hashtag sets, as many as it may; delete one first.",
            limit=most,
        )
    made = HashtagSet(workspace_id=workspace_id, updated_at=clock.now(), **values)
    _check_name(made)
    made.save(force_insert=True)
    return made


@transaction.atomic
def edit(reach: Reach, set_id: uuid.UUID, changes: Mapping[str, Any]) -> HashtagSet:
    """Change a set; posts that took it keep what they took. Raises RequestRefused, also if posts
    out of reach name it.
    """
    _lock(reach.workspace_id)
    found = known(_of(reach.workspace_id).filter(pk=set_id).first(), "hashtag set")
    _check_uses(reach, set_id)
    for name, value in changes.items():
        setattr(found, name, value)
    _check_name(found)
    found.updated_at = clock.now()
    found.save(update_fields=[*changes, "updated_at"])
    return found


@transaction.atomic
def delete(reach: Reach, set_id: uuid.UUID) -> None:
    """Delete a set; posts that took it keep what they took. Raises RequestRefused, also if posts
    out of reach name it.
    """
    found = known(_of(reach.workspace_id).filter(pk=set_id).first(), "hashtag set")
    _check_uses(reach, set_id)
    found.delete()
    log.info("hashtag_set_deleted", set=str(set_id), workspace=str(reach.workspace_id))


def _check_uses(reach: Reach, set_id: uuid.UUID) -> None:
    """Posts take a set again when they are edited or recycled, and rules for each of theirs."""
    is_used = Q(status__in=(Post.Status.DRAFT, Post.Status.SCHEDULED))
    for source in lifecycle.post_sources():
        if (repeated := source.repeated_posts()) is not None:
            is_used |= Q(pk__in=repeated)
    posts = Post.objects.filter(
        is_used,
        workspace=reach.workspace_id,
        hashtags__said__set_ids__contains=[str(set_id)],
    )
    rules = (source.rules_of_hashtag_set(set_id) for source in lifecycle.post_sources())
    queries.check_uses(reach, posts, rules)


def _of(workspace_id: uuid.UUID) -> QuerySet[HashtagSet]:
    return HashtagSet.objects.filter(workspace=workspace_id)


def _lock(workspace_id: uuid.UUID) -> None:
    """Until the transaction ends, no other caller makes the last set or takes the same name."""
    Workspace.objects.select_for_update(no_key=True).only("pk").get(pk=workspace_id)


def _check_name(wanted: HashtagSet) -> None:
    others = _of(wanted.workspace_id).exclude(pk=wanted.pk)
    if others.filter(name=wanted.name).exists():
        raise RequestRefused("conflict", f"There is a hashtag set named {wanted.name} already.")


#: Where hashtags go. First comments only where the network has them, else into the text.
TEXT, FIRST_COMMENT = PLACES


@dataclass(frozen=True, slots=True)
class Defaults:
    """Nothing, unless it was set."""

    hashtags: tuple[str, ...] = ()
    hashtags_in: str = TEXT
    first_comment: str = ""
    #: Required options, by network, of posts that do not say them.
    platform_settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


class DefaultsSetting(Setting):
    name = "defaults"
    columns = ("post_defaults",)

    def read(self, rows: Sequence[Mapping[str, Any]]) -> Defaults:
        return stored_defaults(rows[0]["post_defaults"]) if rows else Defaults()


def defaults_of(workspace_id: uuid.UUID) -> Defaults:
    """Return the defaults of a workspace, which may be a few seconds old."""
    found: Defaults = post_settings.settings_for(workspace_id)[DefaultsSetting.name]
    return found


def find_defaults(workspace_id: uuid.UUID) -> Defaults:
    """Return the defaults of a workspace as they are stored."""
    found = Workspace.objects.filter(pk=workspace_id).values_list("post_defaults", flat=True)
    return stored_defaults(found.get())


@transaction.atomic
def save_defaults(workspace_id: uuid.UUID, changes: Mapping[str, Any]) -> Defaults:
    """Change the fields of Defaults that are given; returns them all."""
    workspace = Workspace.objects.select_for_update(no_key=True).get(pk=workspace_id)
    workspace.post_defaults = {**workspace.post_defaults, **changes}
    workspace.save(update_fields=["post_defaults"])
    transaction.on_commit(lambda: post_settings.forget(workspace_id))
    return stored_defaults(workspace.post_defaults)


def stored_defaults(stored: Mapping[str, Any]) -> Defaults:
    """Read Workspace.post_defaults."""
    return Defaults(
        tuple(stored.get("hashtags", ())),
        stored.get("hashtags_in", TEXT),
        stored.get("first_comment", ""),
        stored.get("platform_settings", {}),
    )
