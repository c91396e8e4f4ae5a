"""Edit the text of one post, for all its networks or for some."""

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.text import Truncator

from destinations.admin import confirmation
from destinations.admin.base import author
from posts.features.operations import operations
from posts.features.operations.admin import results, selection
from posts.features.operations.admin.forms import TextForm
from posts.features.operations.admin.selection import Selection
from posts.features.operations.report import Report
from posts.models import Post

#: How much of the old text the log keeps.
LOGGED_CHARS = 1000


def act(admin: ModelAdmin, request: HttpRequest, posts: QuerySet[Post]) -> HttpResponse | None:
    found = selection.read(admin, request, posts)
    if not found:
        return None
    if len(found) > 1:
        wrong = "Nothing was changed. Choose one post to edit its text."
        admin.message_user(request, wrong, messages.ERROR)
        return None
    each = found[0]
    if reason := each.stays():
        results.tell_left(admin, request, [reason])
        return confirmation.back(admin, request)
    platforms = list(dict.fromkeys(row.platform for row in each.destinations))
    form = TextForm(request.POST if "text" in request.POST else None, each.post, platforms)
    if confirmation.is_confirmed(request) and form.is_valid():
        done = _edit(admin, request, each, form)
        problems = [problem for one in done.skipped for problem in one.problems]
        if not problems:
            results.tell(admin, request, done, "changed")
            return confirmation.back(admin, request)
        form.add_problems(problems)
    return confirmation.ask(
        admin,
        request,
        title="Edit the text of a post",
        warning="The post is published with the new text. Each network's limits are checked first.",
        button="Save the text",
        rows=[each.row()],
        form=form,
    )


def _edit(admin: ModelAdmin, request: HttpRequest, each: Selection, form: TextForm) -> Report:
    old = Truncator(each.post.content).chars(LOGGED_CHARS)
    return operations.edit_text(
        each.post.pk,
        form.cleaned_data["text"],
        form.own,
        seen=selection.seen(request),
        record=results.logged(admin, request, lambda post: f"Text changed. It was “{old}”"),
        **author(request),
    )
