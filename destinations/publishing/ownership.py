"""Decide which destination a network's post belongs to: exactly one.

Several destinations of an account may have the same text, so a lookup can find what another one
made, and a person can confirm it for another one at the same moment. A lookup passes over posts
of other destinations. Lookups and persons lock the platform here before they claim a found post,
until their transaction ends. A post whose id the network returned to the call that made it has no
other owner, so publishing does not wait here.

A post belongs to an account of its network, and only a destination of that account can own it; a
claim by any other account does not count. Several workspaces may have connected one account. Then
the network's own answers count for all of them, and a person's word only for that person's
workspace. So a workspace can neither take another one's post by naming it, nor learn who has it.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from destinations.models import Account, Deletion, Destination, Event
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
    #: Only a person says so; the network has not confirmed it.
    by_person: bool = False

    @classmethod
    def on(cls, job: Job, post_id: str, link: str) -> "Found":
        """Return a post that a job has found."""
        account = job.credentials.platform_account_id
        return cls(job.id, job.workspace_id, job.adapter.key, account, post_id, link)


def lock_platforms(platforms: Iterable[str]) -> None:
    """Keep others from claiming a found post of these platforms until the transaction ends.

    Comes before the transaction locks a row, so that no two wait for each other.
    """
    with connection.cursor() as cursor:
        for platform in sorted(set(platforms)):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"settle {platform}"])


def already_owned(found: Collection[Found]) -> set[uuid.UUID]:
    """Return destinations whose found post another has; of several in `found` the first gets it."""
    found = [_as_stored(post) for post in found]
    owners = _Owners(found)
    lost = set()
    for post in found:
        if owners.has_another(post):
            lost.add(post.destination)
        else:
            owners.add(post)
    return lost


def owned_by_others(candidates: Collection[Found]) -> frozenset[str]:
    """Return the ids of those posts that another destination has now."""
    stored = {post.id: _as_stored(post) for post in candidates}
    owners = _Owners(stored.values())
    return frozenset(name for name, post in stored.items() if owners.has_another(post))


def _as_stored(post: Found) -> Found:
    """Return the post with its id and link as they are stored, so that they can be compared."""
    names = sanitize.values({"platform_post_id": post.id, "platform_post_url": post.link})
    return replace(post, id=names["platform_post_id"], link=names["platform_post_url"])


Name = tuple[str, str, str]


class _Owners:
    """The owners of posts with the ids or links of these."""

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
    """Return whether `owner`, with a post of this name, is another destination with a claim."""
    if owner.destination == post.destination:
        return False
    if owner.workspace == post.workspace:
        # A removed account may have been connected again; a person may have confused two accounts.
        is_unknown = not (owner.account and post.account)
        return owner.account == post.account or is_unknown or post.by_person
    return owner.account == post.account != "" and not (owner.by_person or post.by_person)


def _names(post: Found, link: str) -> Iterator[Name]:
    """Yield the names that identify a post in its network."""
    if post.id:
        yield post.platform, "id", post.id
    if ADAPTERS[post.platform].is_post_link(link):
        yield post.platform, "link", link


def _stored(found: Collection[Found]) -> Iterator[Found]:
    """Owners by id and by link: two queries, so that each uses its own index."""
    by_id = Q(platform_post_id__in={post.id for post in found if post.id})
    yield from _deleted(found)
    by_link = Q(
        account__in=_accounts(found),
        published_at__isnull=False,
        platform_post_url__in={link for post in found for link in _spellings(post.link) if link},
    )
    said = Exists(Event.objects.filter(destination=OuterRef("pk"), move="confirm_published"))
    for which in (by_id, by_link):
        rows = Destination.objects.filter(which).order_by().annotate(by_person=said)
        for pk, workspace, platform, account, post_id, link, by_person in rows.values_list(
            "pk",
            "workspace",
            "platform",
            "account__platform_account_id",
            "platform_post_id",
            "platform_post_url",
            "by_person",
        ):
            yield Found(pk, workspace, platform, account or "", post_id, link, by_person)


def _deleted(found: Collection[Found]) -> Iterator[Found]:
    """Owners whose posts were deleted here; what they published may still be public."""
    ids = {post.id for post in found if post.id}
    rows = Deletion.objects.filter(platform_post_id__in=ids).order_by()
    for pk, workspace, platform, account, post_id, is_proven in rows.values_list(
        "destination_id",
        "workspace",
        "platform",
        "account__platform_account_id",
        "platform_post_id",
        "is_proven",
    ):
        yield Found(pk, workspace, platform, account or "", post_id, "", not is_proven)


def _accounts(found: Collection[Found]) -> list[int]:
    """Return the ids of these accounts in all workspaces."""
    alike = Q()
    for platform, account in {(post.platform, post.account) for post in found}:
        alike |= Q(platform=platform, platform_account_id=account)
    return list(Account.objects.filter(alike).values_list("pk", flat=True)) if found else []


def _spellings(link: str) -> Collection[str]:
    """Return the link with and without what browsers add to it."""
    plain = link.partition("#")[0]
    bare = {plain.rstrip("/"), plain.partition("?")[0].rstrip("/")}
    return {link, *bare, *(f"{each}/" for each in bare)}
