"""What the page of a post shows of its approval: where it stands, its history, its share links."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString

from destinations.admin import rendering
from destinations.wording import quoted
from posts.features.approval import summary
from posts.features.approval.models import UNAPPROVED, Approval, ApprovalEvent, ShareLink
from posts.features.approval.share import links
from posts.features.approval.share.client_view import FieldChange, changes
from posts.features.approval.summary import DECISIONS
from posts.models import Post

S, Action = Approval.Status, ApprovalEvent.Action
#: The newest lines of the history that a page shows.
MOST = 100
WORDS = {
    S.NONE: "Not asked for",
    S.PENDING: "Waits for approval",
    S.APPROVED: "Approved",
    S.CHANGES_REQUESTED: "Changes asked for",
    S.REJECTED: "Rejected",
}
TO_CLIENT = "Waits for the client's approval"
COLOURS = {
    WORDS[S.PENDING]: "warning",
    TO_CLIENT: "warning",
    WORDS[S.APPROVED]: "success",
    WORDS[S.CHANGES_REQUESTED]: "warning",
    WORDS[S.REJECTED]: "danger",
}
SAID = {
    Action.REQUESTED: "asked for approval",
    Action.APPROVED: "approved",
    Action.CHANGES_REQUESTED: "asked for changes",
    Action.REJECTED: "rejected",
    Action.EDITED: "changed the post",
    Action.COMMENTED: "commented",
    Action.REMINDED: "asked again",
    Action.MISSED: "ended the waiting: its time had passed",
    Action.OVERRIDDEN: "published without approval",
    Action.LINK_CREATED: "made a share link",
    Action.LINK_REVOKED: "revoked a share link",
}
LINK_COLOURS = {"Active": "success", "Expired": "", "Revoked": "danger"}


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One entry of the history. `seen`: what people with a share link see of it."""

    at: datetime
    who: str
    what: str
    text: str
    seen: str
    changes: list[FieldChange]


@dataclass(frozen=True, slots=True)
class Link:
    row: ShareLink
    label: SafeString | str


@dataclass(frozen=True, slots=True)
class ApprovalSection:
    """`asked`: who asked last. `changes`: since the version that was approved last."""

    post: Post
    approval: Approval | None
    asked: HistoryLine | None
    changes: list[FieldChange]
    lines: list[HistoryLine]
    is_cut: bool
    links: list[Link]

    @property
    def label(self) -> SafeString | str:
        return rendering.label(words(self.approval), COLOURS) if self.approval else ""

    @property
    def may_be_approved(self) -> bool:
        return self._is_open and self._status in UNAPPROVED

    @property
    def may_be_sent_back(self) -> bool:
        return self._is_open and self._status not in ("", S.NONE, S.CHANGES_REQUESTED)

    @property
    def may_be_rejected(self) -> bool:
        return self._is_open and self._status not in ("", S.NONE, S.REJECTED)

    @property
    def has_room(self) -> bool:
        """Return whether another share link may be made."""
        return len(self.links) < links.MOST

    @property
    def _status(self) -> str:
        return self.approval.status if self.approval else ""

    @property
    def _is_open(self) -> bool:
        """Return whether it has not begun; a missed one may still be approved."""
        is_missed = self.post.status == Post.Status.FAILED and self._status in UNAPPROVED
        return is_missed or self.post.status in (Post.Status.DRAFT, Post.Status.SCHEDULED)


def words(approval: Approval) -> str:
    """Return where it stands."""
    if approval.status == S.PENDING and approval.stage == Approval.Stage.CLIENT:
        return TO_CLIENT
    return WORDS[S(approval.status)]


def read(post: Post) -> ApprovalSection:
    """At most six queries."""
    approval = Approval.objects.filter(pk=post.pk).first()
    rows = list(ApprovalEvent.objects.filter(post=post).order_by("-pk")[: MOST + 1])
    asked = next((row for row in rows if row.action == Action.REQUESTED), None)
    is_compared = approval is not None and approval.approved is not None
    changed = summary.difference(approval, summary.version(post)) if is_compared else None
    made = ShareLink.objects.filter(post=post).order_by("-created_at", "pk").defer("digest")
    return ApprovalSection(
        post=post,
        approval=approval,
        asked=_line(asked) if asked else None,
        changes=list(changes(changed or {})),
        lines=_lines(rows[:MOST]),
        is_cut=len(rows) > MOST,
        links=[_link(row) for row in made[: links.MOST]],
    )


def _lines(newest_first: Sequence[ApprovalEvent]) -> list[HistoryLine]:
    """The oldest first, as people read what was said."""
    return [_line(row) for row in reversed(newest_first)]


def _line(row: ApprovalEvent) -> HistoryLine:
    named = f"{quoted(row.name)}, by a share link" if row.name else row.by
    is_about_link = row.action in (Action.LINK_CREATED, Action.LINK_REVOKED)
    text = f"For {quoted(row.text)}" if is_about_link and row.text else row.text
    return HistoryLine(
        row.at, named, SAID[Action(row.action)], text, _seen(row), list(changes(row.changes))
    )


def _seen(row: ApprovalEvent) -> str:
    if row.visibility == ApprovalEvent.Visibility.CLIENT:
        return "The client sees it"
    if row.action in DECISIONS:
        return "The client sees the decision, not the comment" if row.text else "The client sees it"
    return "Internal"


def _link(row: ShareLink) -> Link:
    return Link(row, rendering.label(row.state.capitalize(), LINK_COLOURS))


def add_to_list(posts: Iterable[Post]) -> None:
    """What a list shows of each post's approval, by one query for all of them."""
    by_id = {post.pk: post for post in posts}
    for approval in Approval.objects.filter(pk__in=list(by_id)).only("status", "stage"):
        by_id[approval.pk].under_status = words(approval)  # type: ignore[attr-defined]
