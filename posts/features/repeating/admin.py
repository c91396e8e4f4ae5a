"""The pages of posts that come again: rules of recurrence, and recycled posts."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from destinations.admin.actions.bulk import Each
from destinations.admin.base import BoundedAdmin
from destinations.admin.lists import columns, filters
from destinations.admin.lists.columns import Column
from destinations.runtime import clock
from posts.composing.destinations import Author
from posts.errors import RequestRefused
from posts.features.repeating import recurrences, recycling, templates
from posts.features.repeating.models import Recurrence, Recycling
from posts.features.repeating.templates import PlannedOccurrence
from posts.models import Post

#: How many occurrences on each side of now, or turns, a page shows.
SHOWN = 10
LISTED_CHARS = 60
#: The colours of the states.
STATES = {"Active": "success", "Failing": "danger", "Paused": "warning", "Ended": "", "Off": ""}
PROBLEM = ("problem_code", "problem", "problem_since")


def _short(text: str) -> str:
    return Truncator(text).chars(LISTED_CHARS) or "no text"


def _state(row: Recurrence) -> str:
    state = templates.state_of(row, clock.now()).capitalize()
    return "Failing" if state == "Active" and row.problem_code else state


def _next_at(row: Recurrence) -> str:
    found = templates.next_at(row, clock.now())
    return f"{found:%Y-%m-%d %H:%M} UTC" if found else "none"


def _pause(row: Recurrence, who: Mapping[str, Any]) -> None:
    """Make no more posts, and take back those ahead that were not edited."""
    recurrences.pause(Author(row.workspace_id, **who), row.pk)


def _resume(row: Recurrence, who: Mapping[str, Any]) -> None:
    recurrences.resume(Author(row.workspace_id, **who), row.pk)


@admin.register(Recurrence)
class RecurrenceAdmin(BoundedAdmin):
    """Customers make and change rules through the API; operators look, pause and resume."""

    list_display = ("shown_text", "workspace", "shown_state", "shown_rule", "next_at", "created_at")
    list_filter = ("freq", filters.related("workspace"))
    list_select_related = ("workspace",)
    sections = {
        "": ("shown_state", "shown_rule", "workspace", "next_at"),
        "What is wrong": PROBLEM,
        "Its posts": ("content", "account_ids", "media_ids", "campaign_id"),
        "Occurrences": ("upcoming", "past"),
        "History": ("created_by", "created_at", "updated_at", "paused_at", "paused_by"),
    }
    shown_text = Column("Text", lambda row: _short(row.content))
    shown_state = columns.label("State", _state, STATES)
    shown_rule = Column("Rule", lambda row: templates.rule(row).words())
    next_at = Column("Next", _next_at)
    upcoming = columns.lines(
        "Next occurrences", lambda row: map(_line, templates.upcoming(row, clock.now(), SHOWN))
    )
    past = columns.lines(
        "Last occurrences", lambda row: map(_line, templates.past(row, clock.now(), SHOWN))
    )
    actions = ("pause", "resume")
    pause = Each("Pause", "paused", _pause, refused=RequestRefused)
    resume = Each("Resume", "resumed", _resume, refused=RequestRefused)


def _recycling_state(row: Recycling) -> str:
    if row.ended_because or not row.enabled:
        return "Ended" if row.ended_because else "Off"
    return "Failing" if row.problem_code else "Active"


def _turns(row: Recycling) -> Iterator[SafeString]:
    for each in row.made.order_by("-turn")[:SHOWN]:
        yield format_html("{}: {}", each.turn, _post_link(each.post_id))


def _end(row: Recycling, who: Mapping[str, Any]) -> bool:
    """Make no more turns; posts that were made stay."""
    post = Post.objects.filter(pk=row.post_id).first()
    if post is None or not row.enabled:
        return False
    recycling.change(Author(row.workspace_id, **who), post, {"enabled": False})
    return True


@admin.register(Recycling)
class RecyclingAdmin(BoundedAdmin):
    """Posts that are published again; customers change how through the API."""

    list_display = ("shown_text", "workspace", "shown_state", "gap_words", "turns", "next_at")
    list_filter = ("enabled", filters.related("workspace"))
    list_select_related = ("workspace",)
    sections = {
        "": ("shown_post", "shown_state", "workspace", "ended_because"),
        "What is wrong": PROBLEM,
        "Turns": (
            "gap_words",
            "turns",
            "next_at",
            "start_date",
            "expire_date",
            "expire_count",
            "content_variations",
            "shown_turns",
        ),
        "History": ("created_by", "created_at", "updated_at"),
    }
    shown_text = Column("Text", lambda row: _short(row.post_content or ""))
    shown_post = Column("Post", lambda row: _post_link(row.post_id))
    shown_state = columns.label("State", _recycling_state, STATES)
    gap_words = Column("Gap", lambda row: f"{row.gap} {row.gap_unit}{'' if row.gap == 1 else 's'}")
    shown_turns = columns.lines("Newest posts", _turns)
    actions = ("end",)
    end = Each("End the recycling", "ended", _end)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Recycling]:
        post = Post.objects.filter(pk=OuterRef("post_id")).values("content")
        rows: QuerySet[Recycling] = super().get_queryset(request)
        return rows.annotate(post_content=Subquery(post))


def _post_link(key: object) -> SafeString:
    url = reverse("admin:posts_post_change", args=[key])
    return format_html('<a class="dovecote-link dovecote-underlined" href="{}">its post</a>', url)


def _line(each: PlannedOccurrence) -> SafeString:
    words = f"{each.scheduled_for:%a %Y-%m-%d %H:%M} UTC: {each.status}"
    words += ", edited" if each.edited else ""
    if each.post_id:
        return format_html("{} ({})", words, _post_link(each.post_id))
    return format_html("{} {}", words, f"({each.reason})" if each.reason else "")
