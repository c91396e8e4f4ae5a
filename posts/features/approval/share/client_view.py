"""Select what a share page shows of a post: only what its client may see."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from destinations.models import Destination
from posts.features.approval import summary
from posts.features.approval.models import Approval, ApprovalEvent, ShareLink
from posts.features.approval.record import Action
from posts.features.approval.share import links
from posts.features.preview import render
from posts.features.preview.cards import Card
from posts.models import Post

#: The most cards and events of a page.
MOST_CARDS = 50
MOST_EVENTS = 100
S = Approval.Status
WORDS = {
    "content": "Text",
    "platform_content": "Text and options of single networks",
    "media": "Pictures and videos",
    "account_ids": "Accounts",
    "scheduled_for": "Time",
    "hashtags": "Hashtags",
}
#: The history a client sees: comments for them, and every decision but its comment.


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One thing that was edited since the last approval."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class DiscussionLine:
    """Something that was said or decided."""

    at: datetime
    who: str
    what: str
    text: str


@dataclass(frozen=True, slots=True)
class ClientView:
    link: ShareLink
    post: Post
    approval: Approval | None
    revision: str
    cards: list[Card]
    changes: list[FieldChange]
    lines: list[DiscussionLine]

    @property
    def stage(self) -> str:
        return self.approval.stage if self.approval else ""

    @property
    def workspace(self) -> str:
        return self.post.workspace.name

    @property
    def local(self) -> datetime | None:
        """Return the post's wall time in the zone that it was written for.

        Without its zone: templates move an aware time to the server's.
        """
        at = self.post.scheduled_for
        return at.astimezone(ZoneInfo(self.post.timezone)).replace(tzinfo=None) if at else None

    @property
    def state(self) -> str:
        """`waiting`, `approved`, `changes_requested`, `rejected`, `published`, `missed`, `none`."""
        status = Post.Status(self.post.status)
        if self.approval is None or self.approval.status == S.NONE:
            return "published" if status in _BEGUN else "none"
        if status in _BEGUN:
            return "published" if self.approval.status == S.APPROVED else "missed"
        return "waiting" if self.approval.status == S.PENDING else self.approval.status

    @property
    def may_decide(self) -> bool:
        return self.state not in ("published", "none") and links.may_decide(self.link, self.stage)

    @property
    def may_approve(self) -> bool:
        return self.may_decide and self.state != "approved"


_BEGUN = (
    Post.Status.PUBLISHING,
    Post.Status.PUBLISHED,
    Post.Status.PARTIAL,
    Post.Status.FAILED,
)


def read(link: ShareLink) -> ClientView:
    post = link.post
    approval = Approval.objects.filter(pk=post.pk).first()
    version = summary.version(post)
    rows = Destination.objects.filter(post=post).select_related("account").order_by("position")
    difference = summary.difference(approval, version) or {}
    return ClientView(
        link=link,
        post=post,
        approval=approval,
        revision=summary.revision(post, version),
        cards=render.previews(list(rows.defer("checkpoint")[:MOST_CARDS])),
        changes=list(changes(difference)),
        lines=list(_lines(post)),
    )


def changes(difference: Mapping[str, Mapping[str, Any]]) -> Iterator[FieldChange]:
    """Yield a difference as people read it."""
    for name, change in difference.items():
        yield FieldChange(
            WORDS.get(name, name), _said(name, change["before"]), _said(name, change["after"])
        )


def _said(name: str, value: Any) -> str:
    if name == "scheduled_for":
        return f"{datetime.fromisoformat(value):%Y-%m-%d %H:%M} UTC" if value else "at once"
    if name == "media":
        return f"{len(value)} file{'' if len(value) == 1 else 's'}" if value else "none"
    if name == "account_ids":
        return f"{len(value)} account{'' if len(value) == 1 else 's'}"
    if name == "platform_content":
        own = (f"{key}: {part.get('content', '(options)')}" for key, part in value.items())
        return "\n".join(own) or "none"
    if name == "hashtags":
        return "\n".join(_added(value or {})) or "none"
    return str(value) or "(no text)"


def _added(value: Mapping[str, Any]) -> Iterator[str]:
    """Hashtags, with the networks that get them, and the workspace's first comment."""
    for each in value.get("groups", ()):
        words = " ".join(f"#{tag}" for tag in each["hashtags"])
        yield f"{words} ({', '.join(each['platforms'])})" if each["platforms"] else words
    if comment := value.get("first_comment"):
        yield f"First comment: {comment}"


def _lines(post: Post) -> Iterator[DiscussionLine]:
    rows = ApprovalEvent.objects.filter(post=post).order_by("-pk")
    visible = rows.filter(action__in=[*summary.DECISIONS, Action.COMMENTED])[:MOST_EVENTS]
    for row in reversed(visible):
        is_told = row.visibility == ApprovalEvent.Visibility.CLIENT
        if row.action == Action.COMMENTED and not is_told:
            continue
        # Keys and operators are no person whom a client knows.
        who = row.name or post.workspace.name
        yield DiscussionLine(
            row.at, who, row.get_action_display().lower(), row.text if is_told else ""
        )
