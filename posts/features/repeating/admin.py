"""The pages of posts that come again: rules of recurrence, and recycled posts."""

from collections.abc import Iterable

from django.contrib import admin, messages
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display

from destinations.admin import confirmation, rendering
from destinations.admin.base import ReadOnlyAdmin, author
from destinations.admin.lists.bounded import BoundedList
from destinations.admin.lists.ordering import Key
from destinations.runtime import clock
from posts.composing.destinations import Author
from posts.errors import RequestRefused
from posts.features.repeating import recycling
from posts.features.repeating.models import Recurrence, Recycling
from posts.features.repeating.recurring import recurrences, templates
from posts.features.repeating.recurring.templates import PlannedOccurrence
from posts.models import Post

#: How many occurrences on each side of now, or turns, a page shows.
SHOWN = 10
LISTED_CHARS = 60
#: The colours of the states.
STATES = {"Active": "success", "Failing": "danger", "Paused": "warning", "Ended": "", "Off": ""}
PROBLEM = ("problem_code", "problem", "problem_since")


@admin.register(Recurrence)
class RecurrenceAdmin(BoundedList, ReadOnlyAdmin):
    """Customers make and change rules through the API; operators look, pause and resume."""

    list_display = ("shown_text", "workspace", "shown_state", "shown_rule", "next_at", "created_at")
    list_filter = ("freq", ("workspace", AutocompleteSelectFilter))
    list_select_related = ("workspace",)
    key = Key("created_at")
    ordering = key.order
    actions = ("pause", "resume")
    fieldsets = (
        (None, {"fields": ("shown_state", "shown_rule", "workspace", "next_at")}),
        ("What is wrong", {"fields": PROBLEM}),
        ("Its posts", {"fields": ("content", "account_ids", "media_ids", "campaign_id")}),
        ("Occurrences", {"fields": ("upcoming", "past")}),
        (
            "History",
            {"fields": ("created_by", "created_at", "updated_at", "paused_at", "paused_by")},
        ),
    )

    @display(description="Text")
    def shown_text(self, row: Recurrence) -> str:
        return Truncator(row.content).chars(LISTED_CHARS) or "no text"

    @display(description="State")
    def shown_state(self, row: Recurrence) -> SafeString | str:
        state = templates.state_of(row, clock.now()).capitalize()
        failing = state == "Active" and row.problem_code
        return rendering.label("Failing" if failing else state, STATES)

    @display(description="Rule")
    def shown_rule(self, row: Recurrence) -> str:
        return templates.rule(row).words()

    @display(description="Next")
    def next_at(self, row: Recurrence) -> str:
        found = templates.next_at(row, clock.now())
        return f"{found:%Y-%m-%d %H:%M} UTC" if found else "none"

    @display(description="Next occurrences")
    def upcoming(self, row: Recurrence) -> SafeString | str:
        return _lines(templates.upcoming(row, clock.now(), SHOWN))

    @display(description="Last occurrences")
    def past(self, row: Recurrence) -> SafeString | str:
        return _lines(templates.past(row, clock.now(), SHOWN))

    @admin.action(description="Pause", permissions=["operate"])
    def pause(self, request: HttpRequest, chosen: QuerySet[Recurrence]) -> HttpResponse | None:
        """Make no more posts, and take back those ahead that were not edited."""
        return self._each(request, chosen, is_pause=True)

    @admin.action(description="Resume", permissions=["operate"])
    def resume(self, request: HttpRequest, chosen: QuerySet[Recurrence]) -> HttpResponse | None:
        return self._each(request, chosen, is_pause=False)

    def _each(
        self, request: HttpRequest, chosen: QuerySet[Recurrence], *, is_pause: bool
    ) -> HttpResponse | None:
        word, change = (
            ("paused", recurrences.pause) if is_pause else ("resumed", recurrences.resume)
        )
        done = 0
        for row in list(chosen):
            try:
                change(Author(row.workspace_id, **author(request)), row.pk)
            except RequestRefused as refused:
                messages.warning(request, f"{row}: {refused.message}")
                continue
            self.log_change(request, row, f"{word.capitalize()} by operator:{request.user}")
            done += 1
        messages.success(request, f"{done} {word}.")
        return confirmation.back(self, request)


@admin.register(Recycling)
class RecyclingAdmin(BoundedList, ReadOnlyAdmin):
    """Posts that are published again; customers change how through the API."""

    list_display = ("shown_text", "workspace", "shown_state", "gap_words", "turns", "next_at")
    list_filter = ("enabled", ("workspace", AutocompleteSelectFilter))
    list_select_related = ("workspace",)
    key = Key("created_at")
    ordering = key.order
    actions = ("end",)
    fieldsets = (
        (None, {"fields": ("shown_post", "shown_state", "workspace", "ended_because")}),
        ("What is wrong", {"fields": PROBLEM}),
        (
            "Turns",
            {
                "fields": (
                    "gap_words",
                    "turns",
                    "next_at",
                    "start_date",
                    "expire_date",
                    "expire_count",
                    "content_variations",
                    "shown_turns",
                )
            },
        ),
        ("History", {"fields": ("created_by", "created_at", "updated_at")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Recycling]:
        post = Post.objects.filter(pk=OuterRef("post_id")).values("content")
        rows: QuerySet[Recycling] = super().get_queryset(request)
        return rows.annotate(post_content=Subquery(post))

    @display(description="Text")
    def shown_text(self, row: Recycling) -> str:
        found: str = row.post_content or ""  # type: ignore[attr-defined]
        return Truncator(found).chars(LISTED_CHARS) or "no text"

    @display(description="Post")
    def shown_post(self, row: Recycling) -> SafeString:
        return _post_link(row.post_id)

    @display(description="State")
    def shown_state(self, row: Recycling) -> SafeString | str:
        if row.ended_because or not row.enabled:
            return rendering.label("Ended" if row.ended_because else "Off", STATES)
        return rendering.label("Failing" if row.problem_code else "Active", STATES)

    @display(description="Gap")
    def gap_words(self, row: Recycling) -> str:
        return f"{row.gap} {row.gap_unit}{'' if row.gap == 1 else 's'}"

    @display(description="Newest posts")
    def shown_turns(self, row: Recycling) -> SafeString | str:
        found = row.made.order_by("-turn")[:SHOWN]
        lines = ((each.turn, _post_link(each.post_id)) for each in found)
        return format_html_join("", "<div>{}: {}</div>", lines) or "none"

    @admin.action(description="End the recycling", permissions=["operate"])
    def end(self, request: HttpRequest, chosen: QuerySet[Recycling]) -> HttpResponse | None:
        """Make no more turns; posts that were made stay."""
        done = 0
        for row in list(chosen):
            post = Post.objects.filter(pk=row.post_id).first()
            if post is not None and row.enabled:
                who = Author(row.workspace_id, **author(request))
                recycling.change(who, post, {"enabled": False})
                self.log_change(request, row, f"Ended by operator:{request.user}")
                done += 1
        messages.success(request, f"{done} ended.")
        return confirmation.back(self, request)


def _post_link(key: object) -> SafeString:
    url = reverse("admin:posts_post_change", args=[key])
    return format_html('<a class="dovecote-link dovecote-underlined" href="{}">its post</a>', url)


def _lines(found: Iterable[PlannedOccurrence]) -> SafeString | str:
    return format_html_join("", "<div>{}</div>", ((_line(each),) for each in found)) or "none"


def _line(each: PlannedOccurrence) -> SafeString:
    words = f"{each.scheduled_for:%a %Y-%m-%d %H:%M} UTC: {each.status}"
    words += ", edited" if each.edited else ""
    if each.post_id:
        return format_html("{} ({})", words, _post_link(each.post_id))
    return format_html("{} {}", words, f"({each.reason})" if each.reason else "")
