"""Whose a network's post is: it belongs to one destination.

Several destinations of an account may say the same, so a look-up can find what another one made,
and a person can give it away at the same moment. A look-up passes over what another one has; and
both claim a found post here: they take turns, a platform at a time, until the transaction ends. A
post that a network has just told the id of is nobody else's, so publishing does not wait here.
"""

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from django.db import connection
from django.db.models import Q

from destinations import texts
from destinations.models import Destination
from platforms import links


@dataclass(frozen=True, slots=True)
class Found:
    """A post that was found for a destination; `id` or `link` may be blank."""

    destination: uuid.UUID
    platform: str
    account: int | None
    id: str
    link: str


def take_turns(platforms: Iterable[str]) -> None:
    """Nobody else claims a found post of these platforms until the transaction ends.

    Comes before the transaction locks a row, so that two never wait for each other.
    """
    with connection.cursor() as cursor:
        for platform in sorted(set(platforms)):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"settle {platform}"])


def taken(found: Collection[Found]) -> set[uuid.UUID]:
    """The destinations whose found post another one has, or is given first of `found`."""
    found = [_as_stored(post) for post in found]
    owners = _owners(found)
    lost = set()
    for post in found:
        if _is_anothers(post, owners):
            lost.add(post.destination)
        else:
            owners |= dict.fromkeys(_names(post, post.link), post.destination)
    return lost


def others(candidates: Collection[Found]) -> frozenset[str]:
    """The ids of those posts that another destination has at this moment."""
    stored = {post.id: _as_stored(post) for post in candidates}
    owners = _owners(stored.values())
    return frozenset(name for name, post in stored.items() if _is_anothers(post, owners))


def _as_stored(post: Found) -> Found:
    """By the names it is stored under: they are compared with those of others."""
    names = texts.fit({"platform_post_id": post.id, "platform_post_url": post.link})
    return replace(post, id=names["platform_post_id"], link=names["platform_post_url"])


Name = tuple[str, int | None, str]


def _is_anothers(post: Found, owners: Mapping[Name, uuid.UUID]) -> bool:
    asked = {name for link in _spellings(post.link) for name in _names(post, link)}
    return any(owners.get(name, post.destination) != post.destination for name in asked)


def _names(post: Found, link: str) -> set[Name]:
    """What a post goes by: its id in its network, its link among its account's."""
    names: set[Name] = {(post.platform, None, post.id)} if post.id else set()
    if post.account and links.names_a_post(link):
        names.add((post.platform, post.account, link))
    return names


def _owners(found: Collection[Found]) -> dict[Name, uuid.UUID]:
    by_id = Q(platform_post_id__in={post.id for post in found if post.id})
    by_link = Q(
        account__in={post.account for post in found if post.account},
        published_at__isnull=False,
        platform_post_url__in={link for post in found for link in _spellings(post.link) if link},
    )
    owners: dict[Name, uuid.UUID] = {}
    # Two queries, each with an index of its own.
    for which in (by_id, by_link):
        rows = Destination.objects.filter(which).order_by()
        for pk, platform, account, post_id, link in rows.values_list(
            "pk", "platform", "account", "platform_post_id", "platform_post_url"
        ):
            own = Found(pk, platform, account, post_id, link)
            owners |= dict.fromkeys(_names(own, link), pk)
    return owners


def _spellings(link: str) -> Collection[str]:
    """The link with and without what a browser adds to it."""
    plain = link.partition("#")[0]
    bare = {plain.rstrip("/"), plain.partition("?")[0].rstrip("/")}
    return {link, *bare, *(f"{each}/" for each in bare)}
