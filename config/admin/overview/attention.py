"""Things that a person must look at: posts that may be live, accounts to reconnect, pauses."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.text import Truncator

from config.admin import links
from config.status import wording
from destinations.admin.pauses import formatting
from destinations.manual_retry import MAY_BE_PUBLIC
from destinations.models import Account, Deletion, Destination, Pause
from destinations.wording import profile, quoted
from platforms.drafts import Draft
from posts.features.approval.models import Approval
from posts.models import Post

#: How many of each the overview names; the list has the others.
NAMED = 5
#: Of how many a sentence says the names.
SAID = 2
TEXT_CHARS = 80
#: How long people have for a decision on a post, and how far back the overview looks for one.
APPROVED_WITHIN = timedelta(hours=48)
FORGOTTEN_AFTER = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class AttentionItem:
    """One thing to look at, and its page."""

    #: Such as `“@acme” on X`.
    name: str
    #: What more there is to know: the text, the workspace, a reason.
    detail: str
    age: str
    url: str


def may_be_live(now: datetime) -> list[AttentionItem]:
    """The newest destinations that may be live; the index has only such."""
    doubtful = Destination.objects.filter(
        status=Destination.Status.FAILED, error_code=MAY_BE_PUBLIC
    )
    return [
        AttentionItem(
            name=profile(row.account_name, row.platform),
            detail=excerpt(row),
            age=_age(now, row.updated_at),
            url=links.page("destinations_destination", row.pk),
        )
        for row in doubtful.defer("checkpoint", "claim").order_by("-updated_at")[:NAMED]
    ]


def not_deleted(now: datetime) -> list[AttentionItem]:
    """The newest deletions that failed within a day; the index has only failed ones."""
    failed = Deletion.objects.filter(
        status=Deletion.Status.FAILED, ended_at__gte=now - timedelta(days=1)
    )
    return [
        AttentionItem(
            name=profile(row.account_name, row.platform),
            detail=quoted(row.error, TEXT_CHARS),
            age=_age(now, row.ended_at),
            url=links.page("destinations_deletion", row.pk),
        )
        for row in failed.order_by("-ended_at")[:NAMED]
    ]


def to_reconnect(now: datetime) -> list[AttentionItem]:
    """The accounts that lost their authorization last."""
    lost = Account.objects.filter(needs_reconnection_since__isnull=False)
    shown = lost.select_related("workspace").defer("credentials")
    return [
        AttentionItem(
            name=profile(account.name, account.platform),
            detail=f"of {quoted(account.workspace.name)}",
            age=_age(now, account.needs_reconnection_since),
            url=links.page("destinations_account", account.pk),
        )
        for account in shown.order_by("-needs_reconnection_since")[:NAMED]
    ]


def unapproved(now: datetime) -> list[AttentionItem]:
    """Posts that have waited for a decision for two days, those first that began to wait last."""
    waiting = Approval.objects.filter(
        decided_at__isnull=True,
        requested_at__range=(now - FORGOTTEN_AFTER, now - APPROVED_WITHIN),
        status=Approval.Status.PENDING,
        # A post whose time has passed has failed; that is told elsewhere.
        post__status__in=(Post.Status.SCHEDULED, Post.Status.DRAFT),
    )
    return [
        AttentionItem(
            name=quoted(row.post.content or "(no text)", TEXT_CHARS),
            detail=f"of {quoted(row.workspace.name)}",
            age=_age(now, row.requested_at),
            url=links.page("posts_post", row.pk),
        )
        for row in waiting.select_related("post", "workspace").order_by("-requested_at")[:NAMED]
    ]


def paused(now: datetime, pauses: Iterable[Pause], *, may_resume: bool) -> list[AttentionItem]:
    """List the pauses, the widest first, each with the page on which it is resumed or looked at."""
    listed = reverse(formatting.LIST)
    return [
        AttentionItem(
            name=pause.marked_name,
            detail=f"by {pause.paused_by.removeprefix('operator:')}: {pause.reason}",
            age=_age(now, pause.paused_at),
            url=formatting.end_url(pause) if may_resume else listed,
        )
        for pause in pauses
    ]


def named(items: Sequence[AttentionItem], count: int) -> str:
    names = [item.name for item in items[:SAID]]
    more = count - len(names)
    return f"{', '.join(names)} and {wording.number(more)} more" if more else wording.listed(names)


def excerpt(row: Destination) -> str:
    """The beginning of what a destination sends, which stands alone."""
    return Truncator(Draft.from_json(row.draft).text).chars(TEXT_CHARS) or "(no text)"


def _age(now: datetime, moment: datetime | None) -> str:
    return wording.age(max(0.0, (now - moment).total_seconds())) if moment else ""
