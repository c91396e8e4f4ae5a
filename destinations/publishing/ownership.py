"""Whose a network's post is: it belongs to one destination.

Several destinations of an account may say the same, so a look-up can find what another one made,
and a person can give it away at the same moment. A look-up passes over what another one has; and
both claim a found post here: they take turns, a platform at a time, until the transaction ends. A
post that a network has just told the id of is nobody else's, so publishing does not wait here.

A post belongs to an account of its network, and only a destination of that account can have it; a
claim by any other account does not count. Several workspaces may have connected one account: there
the network's own answers count for all of them, and a person's word for that person's workspace
only. So a workspace cannot take another one's post by naming it, nor learn whether it has it.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from destinations.models import Account, Destination, Event
from destinations.publishing.job import Job
from destinations.state import sanitize
from platforms.registry import ADAPTERS


@dataclass(frozen=True, slots=True)
class Found:
    """A post that was found for a destination; `id` or `link` may be blank.

    `account` is the network's own id of the account; blank once the account was removed.
    """

    destination: uuid.UUID
    workspace: uuid.UUID
    platform: str
    account: str
    id: str
    link: str
    #: Only a person says so; the network has not shown it to us.
    is_word: bool = False

    @classmethod
    def on(cls, job: Job, post_id: str, link: str) -> "Found":
        """A post that a job has come upon."""
        account = job.credentials.platform_account_id
        return cls(job.id, job.workspace_id, job.adapter.key, account, post_id, link)


def lock_platforms(platforms: Iterable[str]) -> None:
    """Keep others from claiming a found post of these platforms until the transaction ends.

    Comes before the transaction locks a row, so that no two wait for each other.
    """
    with connection.cursor() as cursor:
        for platform in sorted(set(platforms)):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"settle {platform}"])


def taken(found: Collection[Found]) -> set[uuid.UUID]:
    """The destinations whose found post another one has, or is given first of `found`."""
    found = [_as_stored(post) for post in found]
    owners = _Owners(found)
    lost = set()
    for post in found:
        if owners.has_another(post):
            lost.add(post.destination)
        else:
            owners.add(post)
    return lost


def others(candidates: Collection[Found]) -> frozenset[str]:
    """The ids of those posts that another destination has at this moment."""
    stored = {post.id: _as_stored(post) for post in candidates}
    owners = _Owners(stored.values())
    return frozenset(name for name, post in stored.items() if owners.has_another(post))


def _as_stored(post: Found) -> Found:
    """By the names it is stored under: they are compared with those of others."""
    names = sanitize.values({"platform_post_id": post.id, "platform_post_url": post.link})
    return replace(post, id=names["platform_post_id"], link=names["platform_post_url"])


Name = tuple[str, str, str]


class _Owners:
    """The destinations that have posts by the names of these."""

    def __init__(self, found: Collection[Found]) -> None:
        self._by_name: dict[Name, set[Found]] = defaultdict(set)
        for owner in _stored(found):
            self.add(owner)

    def add(self, owner: Found) -> None:
        for name in _names(owner, owner.link):
            self._by_name[name].add(owner)

    def has_another(self, post: Found) -> bool:
        asked = {name for link in _spellings(post.link) for name in _names(post, link)}
        return any(_is_anothers(post, owner) for name in asked for owner in self._by_name[name])


def _is_anothers(post: Found, owner: Found) -> bool:
    """Whether `owner`, which has a post of the same name, is another owner than the finder."""
    if owner.destination == post.destination:
        return False
    if owner.workspace == post.workspace:
        # A removed account may have been connected again; a person may have confused two accounts.
        is_unknown = not (owner.account and post.account)
        return owner.account == post.account or is_unknown or post.is_word
    return owner.account == post.account != "" and not (owner.is_word or post.is_word)


def _names(post: Found, link: str) -> Iterator[Name]:
    """What a post goes by in its network."""
    if post.id:
        yield post.platform, "id", post.id
    if ADAPTERS[post.platform].is_post_link(link):
        yield post.platform, "link", link


def _stored(found: Collection[Found]) -> Iterator[Found]:
    """Two queries, each with an index of its own."""
    by_id = Q(platform_post_id__in={post.id for post in found if post.id})
    by_link = Q(
        account__in=_accounts(found),
        published_at__isnull=False,
        platform_post_url__in={link for post in found for link in _spellings(post.link) if link},
    )
    said = Exists(Event.objects.filter(destination=OuterRef("pk"), move="confirm_published"))
    for which in (by_id, by_link):
        rows = Destination.objects.filter(which).order_by().annotate(is_word=said)
        for pk, workspace, platform, account, post_id, link, is_word in rows.values_list(
            "pk",
            "workspace",
            "platform",
            "account__platform_account_id",
            "platform_post_id",
            "platform_post_url",
            "is_word",
        ):
            yield Found(pk, workspace, platform, account or "", post_id, link, is_word)


def _accounts(found: Collection[Found]) -> list[int]:
    """Every connection of these accounts, in all workspaces."""
    alike = Q()
    for platform, account in {(post.platform, post.account) for post in found}:
        alike |= Q(platform=platform, platform_account_id=account)
    return list(Account.objects.filter(alike).values_list("pk", flat=True)) if found else []


def _spellings(link: str) -> Collection[str]:
    """The link with and without what a browser adds to it."""
    plain = link.partition("#")[0]
    bare = {plain.rstrip("/"), plain.partition("?")[0].rstrip("/")}
    return {link, *bare, *(f"{each}/" for each in bare)}
