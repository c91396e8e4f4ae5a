"""Posts over HTTP."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from destinations import public_ids, reviving, settling
from destinations.models import Destination
from posts import composing, reading
from posts.api import shapes
from posts.api.auth import author, reach_of
from posts.api.bodies import CreateBody, EditBody, PostQuery, ResolveBody, RetryBody, read
from posts.api.envelope import Noted
from posts.composing import NewPost
from posts.models import Post
from posts.refusals import Refused


class PostList(APIView):
    rate_costs: ClassVar = {"POST": {"posts": 1}}

    @extend_schema(
        operation_id="list_posts",
        parameters=[PostQuery],
        responses=shapes.enveloped("PostsAnswer", shapes.ListedPost(many=True)),
    )
    def get(self, request: Request) -> Response:
        """Posts, newest first."""
        query = read(PostQuery, request.query_params.dict())
        found = reading.posts(reach_of(request))
        if "status" in query:
            found = found.filter(status=query["status"])
        if "platform" in query:
            found = reading.going_to(found, query["platform"])
        page = found[query["offset"] : query["offset"] + query["limit"]]
        return Response(shapes.ListedPost(page, many=True).data)

    @extend_schema(
        operation_id="create_post",
        request=CreateBody,
        responses={201: shapes.enveloped("CreatedPostAnswer", shapes.CreatedPost())},
    )
    def post(self, request: Request) -> Response:
        """Publish to every account, at once or at `scheduled_at`."""
        values = read(CreateBody, request.data)
        post = composing.create(author(request), NewPost(**values))
        context = {"accounts_count": len(dict.fromkeys(values["account_ids"]))}
        return Response(shapes.CreatedPost(post, context=context).data, status=201)


class PostValidation(APIView):
    @extend_schema(
        operation_id="validate_post",
        request=CreateBody,
        responses=shapes.enveloped("ValidatedPostAnswer", shapes.Validated()),
    )
    def post(self, request: Request) -> Response:
        """What POST /posts would say of each account; nothing is stored."""
        verdicts = composing.check(author(request), NewPost(**read(CreateBody, request.data)))
        valid = not any(verdict.problems for verdict in verdicts)
        return Response(shapes.Validated({"valid": valid, "accounts": verdicts}).data)


class PostDetail(APIView):
    @extend_schema(
        operation_id="get_post",
        responses=shapes.enveloped("PostAnswer", shapes.DetailedPost()),
    )
    def get(self, request: Request, post_id: str) -> Response:
        """One post with its destinations."""
        return Response(shapes.DetailedPost(_find(request, post_id)).data)

    @extend_schema(
        operation_id="edit_post",
        request=EditBody,
        responses=shapes.enveloped("EditedPostAnswer", shapes.EditedPost()),
    )
    def patch(self, request: Request, post_id: str) -> Response:
        """Change a scheduled post or a draft."""
        known = _find(request, post_id)
        post = composing.edit(author(request), known.pk, read(EditBody, request.data))
        return Response(shapes.EditedPost(post).data)

    @extend_schema(
        operation_id="delete_post",
        responses={200: shapes.enveloped("DeletedPostAnswer", shapes.Deleted())},
    )
    def delete(self, request: Request, post_id: str) -> Response:
        """Delete a scheduled post or a draft, for ever."""
        known = _find(request, post_id)
        composing.cancel(author(request), known.pk)
        return Response({"id": known.public_id, "deleted": True})


class PostResults(APIView):
    @extend_schema(
        operation_id="get_post_results",
        responses=shapes.enveloped("ResultsAnswer", shapes.Result(many=True), shapes.ResultsMeta),
    )
    def get(self, request: Request, post_id: str) -> Response:
        """What became of each destination."""
        rows = _find(request, post_id).destinations.all()
        notes = [
            {"destination_id": row.public_id, "note": note} for row in rows for note in row.notes
        ]
        data = shapes.Result(rows, many=True).data
        return Noted(data, {"notes": notes} if notes else {})


class PostRetry(APIView):
    @extend_schema(
        operation_id="retry_post",
        request=RetryBody,
        responses=shapes.enveloped("RetriedAnswer", shapes.Retried()),
    )
    def post(self, request: Request, post_id: str) -> Response:
        """Retry the failed destinations; published ones are untouched.

        A destination whose outcome is unknown may be public already. It is left out, and not
        counted, unless the body is `{"confirm_not_published": true}`.
        """
        known = _find(request, post_id)
        who = author(request)
        values = read(RetryBody, request.data)
        revived = reviving.revive(
            known.destinations.values_list("pk", flat=True),
            by=who.by,
            request_id=who.request_id,
            confirmed_not_published=values.get("confirm_not_published", False),
        )
        found = {"retried_count": len(revived.moved), "destinations": revived.moved}
        return Response(shapes.Retried(found).data)


class DestinationResolve(APIView):
    @extend_schema(
        operation_id="resolve_destination",
        request=ResolveBody,
        responses=shapes.enveloped("ResolvedAnswer", shapes.Result()),
    )
    def post(self, request: Request, post_id: str, destination_id: str) -> Response:
        """Say what became of a destination that failed and may be live; nothing is sent.

        `published` needs the link to the post. After `not_published` a retry takes it again.
        """
        row = _find_destination(request, post_id, destination_id)
        who = author(request)
        values = read(ResolveBody, request.data)
        try:
            if values["outcome"] == "not_published":
                row = settling.disown(row.pk, by=who.by, request_id=who.request_id)
            else:
                row = settling.settle(
                    row.pk,
                    by=who.by,
                    request_id=who.request_id,
                    link=values["platform_post_url"],
                    post_id=values.get("platform_post_id", ""),
                    published_at=values.get("published_at"),
                )
        except settling.TooLate:
            raise Refused(
                "conflict", "This destination does not wait for your word; see its results."
            ) from None
        except settling.Taken:
            raise Refused("conflict", "This post belongs to another destination.") from None
        return Response(shapes.Result(row).data)


def _find_destination(request: Request, post_id: str, destination_id: str) -> Destination:
    key = public_ids.decode(public_ids.DESTINATION, destination_id)
    rows = _find(request, post_id).destinations
    row: Destination | None = rows.filter(pk=key).first() if key else None
    if row is None:
        raise NotFound("There is no such destination.")
    return row


def _find(request: Request, post_id: str) -> Post:
    """The caller's post; one out of reach is as good as missing."""
    post = reading.post(reach_of(request), public_ids.decode(public_ids.POST, post_id))
    if post is None:
        raise NotFound("There is no such post.")
    return post
