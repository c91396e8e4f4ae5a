"""Publish scheduled posts and drafts at once."""

from django.contrib.admin import ModelAdmin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import pluralize

from destinations.admin import confirmation
from destinations.admin.base import author
from posts.features.operations import operations, report
from posts.features.operations.admin import results, selection
from posts.models import Post


def act(admin: ModelAdmin, request: HttpRequest, posts: QuerySet[Post]) -> HttpResponse | None:
    if confirmation.is_confirmed(request):
        _publish(admin, request)
        return confirmation.back(admin, request)
    found = selection.read(admin, request, posts)
    asked, left = selection.split(found, waiting=report.STARTED)
    if not asked:
        results.tell_left(admin, request, [row.note for row in left])
        return confirmation.back(admin, request)
    count = len(asked)
    return confirmation.ask(
        admin,
        request,
        title=f"Publish {count} post{pluralize(count)} now?",
        warning="They become public as soon as their turn comes, drafts too, instead of at their "
        "time. What is public cannot be taken back from here.",
        button=f"Publish {count} post{pluralize(count)} now",
        rows=[each.row(new_time="now") for each in asked],
        left=left,
    )


def _publish(admin: ModelAdmin, request: HttpRequest) -> None:
    seen = selection.seen(request)
    known = {each.post.pk: each for each in selection.read(admin, request, selection.posts(seen))}

    def message(post: Post) -> str:
        return f"Published now. Its time was {known[post.pk].time}"

    record = results.logged(admin, request, message)
    done = operations.publish_now(
        seen,
        seen=seen,
        record=record,
        may_approve=request.user.has_perm("posts.approve_post"),
        **author(request),
    )
    results.tell(admin, request, done, "now being published")
