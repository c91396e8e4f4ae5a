"""Actions on posts: operators confirm what they see, and read what became of each post."""

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import pluralize

from destinations.admin.actions import confirmation
from destinations.admin.actions.bulk import Confirmed, because
from destinations.admin.actions.confirmation import ConfirmationRow
from destinations.admin.base import author
from destinations.runtime import clock
from destinations.wording import quoted
from posts.errors import RequestRefused
from posts.features.operations import operations, report, selection
from posts.features.operations.operations import Moment, Shift
from posts.features.operations.report import Report
from posts.features.operations.selection import MoveForm, Selection, TextForm
from posts.models import Post

#: How much of a text the log keeps.
LOGGED_CHARS = 1000
Seen = Mapping[uuid.UUID, datetime]
Record = Callable[[Post], None]


class PostAction(Confirmed):
    """An action on posts that have not begun; each changed post is logged in its transaction."""

    noun = "post"
    most = selection.MOST
    too_many = "Choose at most {} posts at a time."
    none = "None of them is there any more."
    #: Why drafts stay, and posts for now that still wait; "": they do not.
    drafts = waiting = ""
    new_time = ""
    #: What was done, in a participle.
    done = ""

    def __init__(self, label: str, permission: str = "change_posts") -> None:
        super().__init__(label, permission)

    def select(self, chosen: QuerySet[Post]) -> QuerySet[Post]:
        return chosen.select_related("workspace").order_by("scheduled_for", "pk")

    def rows(self, admin: ModelAdmin, found: list[Post]) -> list[ConfirmationRow]:
        rows = []
        for each in selection.read(found):
            note = each.stays(drafts=self.drafts, waiting=self.waiting)
            rows.append(each.row(note=note, new_time="" if note else self.new_time))
        return rows

    def act(self, admin: ModelAdmin, request: HttpRequest, given: dict[str, Any]) -> None:
        seen = selection.seen(request)
        before = self.select(Post.objects.filter(pk__in=list(seen)))
        known = {each.post.pk: each for each in selection.read(before)}

        def record(post: Post) -> None:
            admin.log_change(request, post, self.logged(post, known.get(post.pk)))

        self.tell(admin, request, self.change(request, seen, record, given))

    def change(
        self, request: HttpRequest, seen: Seen, record: Record, given: dict[str, Any]
    ) -> Report:
        raise NotImplementedError

    def logged(self, post: Post, before: Selection | None) -> str:
        """Return what the log says of a changed post."""
        raise NotImplementedError

    def tell(self, admin: ModelAdmin, request: HttpRequest, made: Report) -> None:
        """Show how many were changed, how many were not, and why."""
        moved, left = len(made.moved), len(made.skipped)
        said = f"{moved} post{pluralize(moved)} {self.done}."
        if left:
            why = because(each.reason for each in made.skipped)
            said += f" {left} left as {pluralize(left, 'it was,they were')}: {why}."
        level = messages.WARNING if left else messages.SUCCESS
        admin.message_user(request, said, level)


class Cancel(PostAction):
    title, button = "Cancel {}?", "Cancel {}"
    warning = (
        "They are deleted with their destinations and will not be published. This cannot be "
        "undone. Their files stay."
    )
    removes = True
    drafts = report.DRAFT
    done = "cancelled"

    def change(self, request: HttpRequest, seen: Seen, record: Record, given: Any) -> Report:
        return operations.cancel(seen, seen=seen, record=record, **author(request))

    def logged(self, post: Post, before: Selection | None) -> str:
        text = quoted(post.content, LOGGED_CHARS)
        return f"Cancelled: {text}, {before.time}, for {before.accounts}" if before else "Cancelled"


class PublishNow(PostAction):
    title, button = "Publish {} now?", "Publish {} now"
    warning = (
        "They become public as soon as their turn comes, drafts too, instead of at their time. "
        "What is public cannot be taken back from here."
    )
    waiting = report.STARTED
    new_time = "now"
    done = "now being published"

    def change(self, request: HttpRequest, seen: Seen, record: Record, given: Any) -> Report:
        may_approve = request.user.has_perm("posts.approve_post")
        who = author(request)
        return operations.publish_now(
            seen, seen=seen, record=record, may_approve=may_approve, **who
        )

    def logged(self, post: Post, before: Selection | None) -> str:
        return f"Published now. Its time was {before.time}" if before else "Published now"


class Move(PostAction):
    """Asks for the new time, shows what it means for each post, and moves them once confirmed."""

    title, button = "Move {}?", "Move {}"
    warning = "Each is published at its new time instead of the old one."
    drafts = report.DRAFT_TIME
    done = "moved"

    def run(self, admin: ModelAdmin, request: HttpRequest, chosen: QuerySet) -> HttpResponse | None:
        form = MoveForm(request.POST) if "zone" in request.POST else None
        is_valid = form is not None and form.is_valid()
        if form and is_valid and confirmation.is_confirmed(request):
            self.act(admin, request, form.cleaned_data)
            return None
        rows = self.read(admin, request, chosen)
        if not rows:
            return None
        if form and is_valid:
            target = form.cleaned_data["target"]
            shown = [row if row.note else _previewed(row.of, target) for row in rows]
            if not all(row.note for row in shown):
                return self.ask(admin, request, shown, given=form)
            [*_, last] = shown
            form.add_error("when", f"None of them can be moved there: {last.note}.")
        return self._ask_time(admin, request, rows, form)

    def _ask_time(
        self,
        admin: ModelAdmin,
        request: HttpRequest,
        rows: list[ConfirmationRow],
        form: MoveForm | None,
    ) -> HttpResponse:
        asked = [row.of for row in rows if not row.note]
        zones = {each.post.timezone for each in asked}
        zone = zones.pop() if len(zones) == 1 else "UTC"
        return self.ask(
            admin,
            request,
            rows,
            title=f"Move {len(asked)} post{pluralize(asked)} to another time",
            warning="Nothing is moved yet: the next page shows what becomes of each post.",
            button="Show the new times",
            form=form or MoveForm(initial={"zone": zone}),
            is_last=False,
        )

    def change(self, request: HttpRequest, seen: Seen, record: Record, given: Any) -> Report:
        return operations.move(seen, given["target"], seen=seen, record=record, **author(request))

    def logged(self, post: Post, before: Selection | None) -> str:
        now = Selection(post, []).time
        return f"Moved from {before.time} to {now}" if before else f"Moved to {now}"


def _previewed(each: Selection, target: Moment | Shift) -> ConfirmationRow:
    """The post with its new time, or with why it cannot have it."""
    try:
        when = target.of(each.post)
    except RequestRefused as refused:
        return each.row(note=report.skipped(each.post, refused).reason.rstrip("."))
    if when <= clock.now():
        return each.row(note=report.BY_CODE["past_schedule_time"])
    zone = target.zone if isinstance(target, Moment) else ""
    return each.row(new_time=selection.told(when, each.post.timezone, zone))


class EditText(PostAction):
    """Edits the text of one post, for all its networks or for some."""

    title = "Edit the text of a post"
    warning = "The post is published with the new text. Each network's limits are checked first."
    button = "Save the text"
    most = 1
    too_many = "Choose one post to edit its text."
    done = "changed"

    def run(self, admin: ModelAdmin, request: HttpRequest, chosen: QuerySet) -> HttpResponse | None:
        rows = self.read(admin, request, chosen)
        if not rows:
            return None
        each = rows[0].of
        platforms = list(dict.fromkeys(row.platform for row in each.destinations))
        form = TextForm(request.POST if "text" in request.POST else None, each.post, platforms)
        if confirmation.is_confirmed(request) and form.is_valid():
            made = self._edit(admin, request, each.post, form)
            problems = [problem for one in made.skipped for problem in one.problems]
            if not problems:
                self.tell(admin, request, made)
                return None
            form.add_problems(problems)
        return self.ask(admin, request, rows, form=form)

    def _edit(self, admin: ModelAdmin, request: HttpRequest, post: Post, form: TextForm) -> Report:
        old = quoted(post.content, LOGGED_CHARS)

        def record(changed: Post) -> None:
            admin.log_change(request, changed, f"Text changed. It was {old}")

        return operations.edit_text(
            post.pk,
            form.cleaned_data["text"],
            form.own,
            seen=selection.seen(request),
            record=record,
            **author(request),
        )
