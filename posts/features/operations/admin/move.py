"""Move posts in time: enter the new time, look at what it means for each post, confirm."""

from django.contrib.admin import ModelAdmin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import pluralize

from destinations.admin import confirmation
from destinations.admin.base import author
from destinations.admin.confirmation import ConfirmationRow
from destinations.runtime import clock
from posts.errors import RequestRefused
from posts.features.operations import operations, report
from posts.features.operations.admin import results, selection
from posts.features.operations.admin.forms import MoveForm
from posts.features.operations.admin.selection import Selection
from posts.features.operations.operations import Moment, Shift
from posts.models import Post


def act(admin: ModelAdmin, request: HttpRequest, posts: QuerySet[Post]) -> HttpResponse | None:
    form = MoveForm(request.POST) if "zone" in request.POST else None
    if form and form.is_valid() and confirmation.is_confirmed(request):
        _move(admin, request, form.cleaned_data["target"])
        return confirmation.back(admin, request)
    found = selection.read(admin, request, posts)
    asked, left = selection.split(found, drafts=report.DRAFT_TIME)
    if not asked:
        results.tell_left(admin, request, [row.note for row in left])
        return confirmation.back(admin, request)
    if form and form.is_valid():
        return _confirm(admin, request, asked, left, form)
    zones = {each.post.timezone for each in asked}
    form = form or MoveForm(initial={"zone": zones.pop() if len(zones) == 1 else "UTC"})
    return confirmation.ask(
        admin,
        request,
        title=f"Move {len(asked)} post{pluralize(asked)} to another time",
        warning="Nothing is moved yet: the next page shows what becomes of each post.",
        button="Show the new times",
        rows=[each.row() for each in asked],
        left=left,
        form=form,
        is_last=False,
    )


def _confirm(
    admin: ModelAdmin,
    request: HttpRequest,
    asked: list[Selection],
    left: list[ConfirmationRow],
    form: MoveForm,
) -> HttpResponse:
    target = form.cleaned_data["target"]
    zone = target.zone if isinstance(target, Moment) else ""
    rows: list[ConfirmationRow] = []
    for each in asked:
        row = _previewed(each, target, zone)
        (left if row.note else rows).append(row)
    count = len(rows)
    if not rows:
        form.add_error("when", f"None of them can be moved there: {left[-1].note}.")
    return confirmation.ask(
        admin,
        request,
        title=f"Move {count} post{pluralize(count)}?",
        warning="Each is published at its new time instead of the old one.",
        button=f"Move {count} post{pluralize(count)}" if rows else "Show the new times",
        rows=rows or [each.row() for each in asked],
        left=left if rows else [],
        form=None if rows else form,
        given=form if rows else None,
        is_last=bool(rows),
    )


def _previewed(each: Selection, target: Moment | Shift, zone: str) -> ConfirmationRow:
    """The post with its new time, or with why it cannot have it."""
    try:
        when = target.of(each.post)
    except RequestRefused as refused:
        return each.row(note=report.skipped(each.post, refused).reason.rstrip("."))
    if when <= clock.now():
        return each.row(note=report.BY_CODE["past_schedule_time"])
    return each.row(new_time=selection.told(when, each.post.timezone, zone))


def _move(admin: ModelAdmin, request: HttpRequest, target: Moment | Shift) -> None:
    seen = selection.seen(request)
    known = {each.post.pk: each for each in selection.read(admin, request, selection.posts(seen))}

    def message(post: Post) -> str:
        return f"Moved from {known[post.pk].time} to {Selection(post, []).time}"

    record = results.logged(admin, request, message)
    done = operations.move(seen, target, seen=seen, record=record, **author(request))
    results.tell(admin, request, done, "moved")
