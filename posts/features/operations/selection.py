"""The posts that an operator chose, as the confirmation page shows them, and what is entered."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from destinations import pauses
from destinations.admin.actions.confirmation import ConfirmationRow
from destinations.models import Destination, Pause
from destinations.wording import profile
from platforms.registry import ADAPTERS
from posts.composing import times
from posts.features.operations import report
from posts.features.operations.operations import Moment, Shift
from posts.models import Post

UNITS = {
    "minutes": timedelta(minutes=1),
    "hours": timedelta(hours=1),
    "days": timedelta(days=1),
}
#: About ten years, in the largest unit.
MOST_SHIFTED = 3650
#: The most posts that one action changes: an operator reads them all.
MOST = 200
#: The most accounts that are named per post.
NAMED = 8


class MoveForm(forms.Form):
    """Either one time for all, or how much later each is published."""

    when = forms.CharField(
        label="To this time",
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"type": "datetime-local"}),
        help_text="All chosen posts get this time. Leave it empty to shift them instead.",
    )
    zone = forms.ChoiceField(
        label="Time zone of that time",
        choices=lambda: [(name, name) for name in times.names()],
        widget=UnfoldAdminSelectWidget,
    )
    shift = forms.IntegerField(
        label="Or shift each by",
        required=False,
        min_value=-MOST_SHIFTED,
        max_value=MOST_SHIFTED,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="Negative: earlier.",
    )
    unit = forms.ChoiceField(
        label="Unit of the shift",
        choices=[(unit, unit) for unit in UNITS],
        initial="hours",
        widget=UnfoldAdminSelectWidget,
        help_text="Days keep the time of day in each post's own zone.",
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        when, shift = given.get("when"), given.get("shift")
        if self.errors:
            return given
        if bool(when) == bool(shift):
            self.add_error("when", "Enter either a time or a shift that is not 0.")
        elif when:
            try:
                given["target"] = Moment(times.parse(when), given["zone"])
            except ValueError as wrong:
                self.add_error("when", str(wrong))
        elif shift:
            given["target"] = Shift(UNITS[given["unit"]] * shift)
        return given


class TextForm(forms.Form):
    """The text, and the texts of networks that get another one."""

    text = forms.CharField(
        label="Text",
        required=False,
        strip=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 6}),
    )

    def __init__(self, data: Any, post: Post, platforms: list[str]) -> None:
        super().__init__(data, initial={"text": post.content})
        self.platforms = platforms
        for platform in platforms:
            name = ADAPTERS[platform].name
            self.fields[f"own_{platform}"] = forms.CharField(
                label=f"Another text for {name}",
                required=False,
                strip=False,
                initial=post.platform_content.get(platform, {}).get("content", ""),
                widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
                help_text=f"Empty: {name} gets the text above.",
            )

    @property
    def own(self) -> dict[str, str]:
        return {key: self.cleaned_data[f"own_{key}"] for key in self.platforms}

    def add_problems(self, problems: Any) -> None:
        """Show what each network does not accept beside the text that it would get."""
        for problem in problems:
            platform = problem.get("platform")
            has_own = platform in self.platforms and self.own[platform].strip()
            self.add_error(f"own_{platform}" if has_own else "text", str(problem["message"]))


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
        where = profile(row.account_name, row.platform)
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
