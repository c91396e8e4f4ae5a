"""Cancel posts that have not begun."""

from django.contrib.admin import ModelAdmin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import pluralize
from django.utils.text import Truncator

from destinations.admin import confirmation
from destinations.admin.base import author
from posts.features.operations import operations, report
from posts.features.operations.admin import results, selection
from posts.models import Post

#: How much of a text the log keeps of a post that is gone.
LOGGED_CHARS = 1000


def act(admin: ModelAdmin, request: HttpRequest, posts: QuerySet[Post]) -> HttpResponse | None:
    if confirmation.is_confirmed(request):
        _cancel(admin, request)
        return confirmation.back(admin, request, is_gone=True)
    found = selection.read(admin, request, posts)
    asked, left = selection.split(found, drafts=report.DRAFT)
    if not asked:
        results.tell_left(admin, request, [row.note for row in left])
        return confirmation.back(admin, request)
    count = len(asked)
    return confirmation.ask(
        admin,
        request,
        title=f"Cancel {count} post{pluralize(count)}?",
        warning="They are deleted with their destinations and will not be published. This cannot "
        "be undone. Their files stay.",
        button=f"Cancel {count} post{pluralize(count)}",
        rows=[each.row() for each in asked],
        left=left,
    )


def _cancel(admin: ModelAdmin, request: HttpRequest) -> None:
    seen = selection.seen(request)
    known = {each.post.pk: each for each in selection.read(admin, request, selection.posts(seen))}

    def message(post: Post) -> str:
        text = Truncator(post.content).chars(LOGGED_CHARS)
        gone = known.get(post.pk)
        return f"Cancelled: “{text}”, {gone.time}, for {gone.accounts}" if gone else "Cancelled"

    record = results.logged(admin, request, message)
    done = operations.cancel(seen, seen=seen, record=record, **author(request))
    results.tell(admin, request, done, "cancelled")
