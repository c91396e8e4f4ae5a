"""Tells the operator what became of the chosen posts, and logs who changed them."""

from collections import Counter
from collections.abc import Callable

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest
from django.template.defaultfilters import pluralize

from posts.features.operations.report import Report
from posts.models import Post


def tell(admin: ModelAdmin, request: HttpRequest, report: Report, done: str) -> None:
    """Show how many were `done`, how many were not, and why."""
    level = messages.WARNING if report.skipped else messages.SUCCESS
    admin.message_user(request, told(report, done), level)


def told(report: Report, done: str) -> str:
    moved, left = len(report.moved), len(report.skipped)
    said = f"{moved} post{pluralize(moved)} {done}."
    if not left:
        return said
    why = _because([each.reason for each in report.skipped])
    return f"{said} {left} left as {pluralize(left, 'it was,they were')}: {why}."


def tell_left(admin: ModelAdmin, request: HttpRequest, reasons: list[str]) -> None:
    """Show why there is nothing to confirm."""
    if reasons:
        admin.message_user(request, f"Nothing was changed: {_because(reasons)}.", messages.ERROR)


def logged(
    admin: ModelAdmin, request: HttpRequest, message: Callable[[Post], str]
) -> Callable[[Post], None]:
    """Writes an entry of the admin's log for each changed post, in the post's transaction."""

    def record(post: Post) -> None:
        admin.log_change(request, post, message(post))

    return record


def _because(reasons: list[str]) -> str:
    """The reasons, the most frequent first, counted if there are several."""
    counted = Counter(reason.rstrip(".") for reason in reasons).most_common()
    if len(counted) == 1:
        return counted[0][0]
    return "; ".join(f"{count} because {reason}" for reason, count in counted)
