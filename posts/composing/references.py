"""What a request refers to: accounts, files, instants. Each is ours and fits, or is refused."""

import uuid
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from destinations import access
from destinations.access import Reach
from destinations.models import Account
from posts.composing import times
from posts.errors import RequestRefused, invalid
from posts.models import Media, Post

#: How far ahead a post may be scheduled, in days of some 100 years. Whoever reckons from its time,
#: in this process or in PostgreSQL, stays within the years that both know.
FARTHEST = timedelta(days=36525)


def future(when: datetime, zone: str, now: datetime, notice: timedelta = timedelta()) -> datetime:
    """The instant meant by `when`. Raises RequestRefused if it is past, too soon or too far ahead.

    `notice`: how far ahead it lies at least.
    """
    instant = times.resolve(when, zone)
    if instant <= now:
        raise RequestRefused("past_schedule_time", "scheduled_at must be in the future.")
    if instant < now + notice:
        seconds = round(notice.total_seconds())
        raise RequestRefused("past_schedule_time", f"The time must be at least {seconds} s ahead.")
    if instant > now + FARTHEST:
        raise invalid("scheduled_at", "A post is scheduled at most 100 years ahead.")
    return instant


def accounts(reach: Reach, ids: Iterable[int]) -> list[Account]:
    """Each account once, in the order asked for. Unknown and foreign look the same."""
    wanted = list(dict.fromkeys(ids))
    found = access.accounts_by_id(reach, wanted)
    missing = [number for number in wanted if number not in found]
    if missing:
        raise RequestRefused(
            "invalid_accounts", "There are no such accounts in this workspace.", account_ids=missing
        )
    return [found[number] for number in wanted]


def media(workspace_id: uuid.UUID, ids: Iterable[uuid.UUID]) -> list[Media]:
    """Each file once, in the order asked for, locked so that nobody deletes it meanwhile."""
    wanted = list(dict.fromkeys(ids))
    rows = Media.objects.filter(workspace=workspace_id, pk__in=wanted, status=Media.Status.READY)
    rows = rows.select_related("workspace").order_by("pk")
    found = {item.pk: item for item in rows.select_for_update(no_key=True, of=("self",))}
    missing = [str(key) for key in wanted if key not in found]
    if missing:
        raise RequestRefused(
            "invalid_media",
            "These files are unknown or not ready; upload and complete them first.",
            media_ids=missing,
        )
    return [found[key] for key in wanted]


def check_described(described: Iterable[uuid.UUID], attached: Collection[Media]) -> None:
    """Raises RequestRefused for an alt text of a file that the post does not have."""
    known = {item.pk for item in attached}
    for key in described:
        if key not in known:
            raise invalid(f"alt_texts.{key}", "This file is not one of the post's media_ids.")


def check_complete(post: Post) -> None:
    """Raises RequestRefused if a file of the post was deleted and not yet replaced.

    A draft that is frozen now would lack the file, and the post would be published without it.
    """
    if post.deleted_files:
        names = ", ".join(sorted(post.deleted_files.values()))
        raise RequestRefused(
            "invalid_media",
            f"This post had files that were deleted: {names}. Change the post with media_ids, the "
            "files it is to have now; [] means none.",
            media_ids=sorted(post.deleted_files),
        )
