"""The posts that an operator chose, as the confirmation page shows them."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.urls import reverse

from destinations import pauses
from destinations.admin.actions.confirmation import ConfirmationRow
from destinations.models import Destination, Pause
from platforms.registry import ADAPTERS
from posts.features.operations import report
from posts.models import Post

#: The most posts that one action changes: an operator reads them all.
MOST = 200
#: The most accounts that are named per post.
NAMED = 8


@dataclass(frozen=True, slots=True)
class Selection:
    """A post with its destinations, without their drafts."""

    post: Post
    destinations: list[Destination]
    #: What is paused now, as `pauses.active` gives it.
    paused: Sequence[Pause] = ()

    def stays(self, *, drafts: str = "", waiting: str = "") -> str:
        """Why it will be left as it is, as far as it can be foreseen; "" if it will be changed.

        `drafts`, `waiting`: why drafts stay, and posts for now that still wait; "": they do not.
        """
        status = Post.Status(self.post.status)
        if status == Post.Status.DRAFT:
            return drafts
        if status == Post.Status.PUBLISHING:
            begun = any(row.claim or row.status != "queued" for row in self.destinations)
            return report.STARTED if begun else waiting
        return report.BY_STATUS.get(status, "")

    def row(self, *, note: str = "", new_time: str = "") -> ConfirmationRow:
        facts = [
            ("Goes to", self.accounts),
            ("Status", self.post.get_status_display()),
            ("Time", self.time),
        ]
        return ConfirmationRow(
            key=str(self.post.pk),
            text=self.post.content or "(no text)",
            page=reverse("admin:posts_post_change", args=[self.post.pk]),
            seen=f"{self.post.pk} {self.post.updated_at.isoformat()}",
            facts=[*facts, ("New time", new_time)] if new_time else facts,
            note=note,
            of=self,
        )

    @property
    def time(self) -> str:
        at = self.post.scheduled_for
        return told(at, self.post.timezone) if at else "none: at once, when it is not a draft"

    @property
    def accounts(self) -> str:
        named = [self._place(row) for row in self.destinations[:NAMED]]
        if more := len(self.destinations) - NAMED:
            named += [f"{more} more"] if more > 0 else []
        return ", ".join(named) or "no account yet"

    def _place(self, row: Destination) -> str:
        where = f"{row.account_name} on {ADAPTERS[row.platform].name}"
        if row.account is None:
            return f"{where} (disconnected: it will fail there)"
        if not row.account.can_post:
            return f"{where} (to be reconnected: it will fail there)"
        held = pauses.covering(self.paused, row.platform, row.workspace_id, row.account_number)
        return f"{where} (paused: it waits there)" if held else where


def told(at: datetime, *zones: str) -> str:
    """A time in UTC and in these zones: `Sun 2026-03-01 08:00 UTC, 09:00 in Europe/Berlin`."""
    at = at.astimezone(UTC)
    shown = [f"{at:%a %Y-%m-%d %H:%M} UTC"]
    for zone in dict.fromkeys(zones):
        if zone not in ("", "UTC"):
            there = at.astimezone(ZoneInfo(zone))
            day = "" if there.date() == at.date() else f"{there:%a %Y-%m-%d} "
            shown.append(f"{day}{there:%H:%M} in {zone}")
    return ", ".join(shown)


def read(posts: Iterable[Post]) -> list[Selection]:
    """Read the destinations of the posts, and what is paused."""
    found = list(posts)
    rows = defaultdict(list)
    destinations = Destination.objects.filter(post__in=[post.pk for post in found])
    destinations = destinations.select_related("account").order_by("position")
    for row in destinations.defer("draft", "checkpoint", "account__credentials"):
        rows[row.post_id].append(row)
    paused = pauses.active()
    return [Selection(post, rows[post.pk], paused) for post in found]


def seen(request: HttpRequest) -> dict[uuid.UUID, datetime]:
    """Return when each post of the confirmation page had last changed as the page was shown."""
    found = {}
    for entry in request.POST.getlist("seen"):
        pk, _, changed = entry.partition(" ")
        try:
            found[uuid.UUID(pk)] = datetime.fromisoformat(changed)
        except ValueError:
            continue
    return dict(list(found.items())[:MOST])
