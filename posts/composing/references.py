"""Resolves what a request refers to: accounts, files, times."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from destinations import access, servers
from destinations.access import Reach
from destinations.accounts import health
from destinations.accounts.facts import facts_of
from destinations.models import Account, Destination
from destinations.runtime import database
from destinations.state import waiting
from posts.composing import times
from posts.composing.freeze import Target
from posts.errors import RequestRefused, invalid
from posts.models import Campaign, Media, Post

T = TypeVar("T")
#: Any number of posts are put into a campaign at once, so the lock is shared.
CAMPAIGN = """
    SELECT status FROM posts_campaign
    WHERE id = %s AND workspace_id = %s AND deleted_at IS NULL FOR SHARE
"""
#: How many accounts a post goes to that names none.
MOST_ABLE = 500
#: How far ahead a post may be scheduled: about 100 years. Calculations from its time then stay
#: within the years that Python and PostgreSQL support.
FARTHEST = timedelta(days=36525)


def due_time(
    when: datetime | None, zone: str, now: datetime, notice: timedelta = timedelta()
) -> datetime | None:
    """Return the instant of `when` as `future`; None without one. Raises for an unknown zone."""
    times.zone(zone)
    return future(when, zone, now, notice) if when else None


def future(when: datetime, zone: str, now: datetime, notice: timedelta = timedelta()) -> datetime:
    """Return the instant of `when`, at least `notice` ahead.

    Raises RequestRefused if it is past, too soon or too far ahead.
    """
    instant = times.resolve(when, zone)
    if instant <= now:
        raise RequestRefused("past_schedule_time", "scheduled_at must be in the future.")
    if instant < now + notice:
        seconds = round(notice.total_seconds())
        raise RequestRefused(
            "past_schedule_time", f"The time must be at least {seconds} seconds ahead."
        )
    if instant > now + FARTHEST:
        raise invalid("scheduled_at", "A post can be scheduled at most 100 years ahead.")
    return instant


def accounts(reach: Reach, ids: Iterable[int]) -> list[Account]:
    """Return each account once, in the order of `ids`. Raises RequestRefused if one is missing."""
    wanted = list(dict.fromkeys(ids))
    return _all_found(wanted, access.accounts_by_id(reach, wanted))


def able(reach: Reach) -> list[int]:
    """Return the numbers of accounts that can be posted to, oldest first. Raises RequestRefused."""
    rows = access.accounts(reach)
    found = [account.pk for account in rows if not health.blockers(account)]
    if not found:
        raise invalid("account_ids", "None of your accounts can be posted to; connect one.")
    if len(found) > MOST_ABLE:
        raise invalid(
            "account_ids", f"These are {len(found)} accounts; name at most {MOST_ABLE} of them."
        )
    return found


def targets(reach: Reach, ids: Iterable[int], at: datetime | None = None) -> list[Target]:
    """Return the targets of a post at time `at`; without a time, rate limits are ignored."""
    wanted = list(dict.fromkeys(ids))
    found = _all_found(wanted, access.named_by_id(reach, wanted))
    known = servers.limits_of((each.platform, each.platform_account_id) for each in found)
    facts = facts_of(found)
    return [
        Target(
            each.id,
            each.name,
            each.platform,
            waiting.limited_until(each, at) if at else None,
            health.failure_code(each),
            known.get((each.platform, each.platform_account_id), {}),
            facts[each.id],
        )
        for each in found
    ]


def kept(reach: Reach, rows: Sequence[Destination]) -> list[Target]:
    """Return the targets of destinations; their servers take what they took before."""
    named = access.named_by_id(reach, [row.account_number for row in rows])
    facts = facts_of(named.values())
    return [
        Target(
            row.account_number,
            row.account_name,
            row.platform,
            server=row.draft.get("server", {}),
            facts=facts.get(row.account_number),
        )
        for row in rows
    ]


def check_may_go_nowhere(reach: Reach, *, is_draft: bool) -> None:
    """Raise RequestRefused unless the post may be stored without accounts."""
    if not is_draft:
        raise invalid("account_ids", "Choose at least one account; only a draft may have none.")
    if reach.only is not None:
        raise invalid("account_ids", "This key is restricted to some accounts; choose from them.")


def _all_found(wanted: Sequence[int], found: Mapping[int, T]) -> list[T]:
    missing = [number for number in wanted if number not in found]
    if missing:
        raise RequestRefused(
            "invalid_accounts", "This workspace has no such accounts.", account_ids=missing
        )
    return [found[number] for number in wanted]


def media(workspace_id: uuid.UUID, ids: Iterable[uuid.UUID]) -> list[Media]:
    """Return each file once, in the order of `ids`, locked. Raises RequestRefused."""
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return []
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


def campaign(workspace_id: uuid.UUID, campaign_id: int | None) -> None:
    """Lock the campaign until the transaction ends: until then it is not deleted or archived.

    Raises RequestRefused unless posts may be put into it. Without one, nothing is asked.
    """
    if campaign_id is None:
        return
    is_possible = 0 < campaign_id <= access.LARGEST
    found = database.execute(CAMPAIGN, [campaign_id, workspace_id]) if is_possible else []
    if not found:
        raise RequestRefused(
            "invalid_campaign", "This workspace has no such campaign.", campaign_id=campaign_id
        )
    if found[0][0] == Campaign.Status.ARCHIVED:
        raise RequestRefused(
            "invalid_campaign",
            "This campaign is archived and takes no posts; make it active first.",
            campaign_id=campaign_id,
        )


def check_described(described: Iterable[uuid.UUID], attached: Collection[Media]) -> None:
    """Raise RequestRefused for an alt text of a file that the post does not have."""
    known = {item.pk for item in attached}
    for key in described:
        if key not in known:
            raise invalid(f"alt_texts.{key}", "This file is not one of the post's media_ids.")


def check_complete(post: Post) -> None:
    """Raise RequestRefused if a file of the post was deleted and not yet replaced.

    A draft that is frozen now would lack the file, and the post would be published without it.
    """
    if post.deleted_files:
        names = ", ".join(sorted(post.deleted_files.values()))
        raise RequestRefused(
            "invalid_media",
            f"Files of this post were deleted: {names}. Change the post and pass media_ids, the "
            "files that it should have now; [] means none.",
            media_ids=sorted(post.deleted_files),
        )
