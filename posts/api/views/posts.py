"""Posts over HTTP."""

import uuid
from collections.abc import Collection, Iterable, Mapping
from typing import Any, ClassVar

from django.db.models import prefetch_related_objects
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from destinations import authorship, public_ids, resolve, retry
from destinations.models import Destination
from posts import queries
from posts.api.auth import author, reach_of
from posts.api.idempotency.middleware import ReplayPolicy
from posts.api.renderers import EnvelopeResponse
from posts.api.serializers import created, posts
from posts.api.serializers.fields import read
from posts.api.serializers.queries import DeletePostQuery, PostQuery
from posts.api.serializers.requests import (
    CreatePostSerializer,
    EditPostSerializer,
    ResolveDestinationSerializer,
    RetryPostSerializer,
    SchedulePostSerializer,
)
from posts.api.serializers.retries import RetriedSerializer, skipped_meta
from posts.composing import compose
from posts.composing.compose import NewPost
from posts.composing.destinations import Author
from posts.errors import RequestRefused, invalid
from posts.models import Post


class PostList(APIView):
    rate_costs: ClassVar = {"POST": {"posts": 1}}
    version_of: ClassVar = staticmethod(created.version)

    @extend_schema(
        operation_id="list_posts",
        parameters=[PostQuery],
        responses=posts.ListedPostSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Posts that match every filter, newest first unless sorted otherwise.

        `…_after` includes its moment, `…_before` does not.
        """
        query = PostQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        limit, offset = query.validated_data["limit"], query.validated_data["offset"]
        found = queries.find(reach_of(request), query.wanted())
        rows, total = queries.page(found, limit, offset)
        data = posts.ListedPostSerializer(rows, many=True).data
        return EnvelopeResponse(data, posts.pagination(limit, offset, total))

    @extend_schema(
        operation_id="create_post",
        request=CreatePostSerializer,
        responses={201: created.created_field()},
    )
    def post(self, request: Request) -> Response:
        """Publish to every account, at once or at `scheduled_at`; or keep a draft.

        A draft may have no accounts yet. Its accounts' rules hold as for any post.
        """
        values = read(CreatePostSerializer, request.data)
        post = compose.create(author(request), NewPost(**values))
        return Response(created.created(post, len(set(values["account_ids"]))), status=201)


class PostValidation(APIView):
    replay_policy: ClassVar = ReplayPolicy.NEVER

    @extend_schema(
        operation_id="validate_post",
        request=CreatePostSerializer,
        responses=posts.ValidatedSerializer,
    )
    def post(self, request: Request) -> Response:
        """What POST /posts would say of each account; nothing is stored."""
        verdicts = compose.check(
            author(request), NewPost(**read(CreatePostSerializer, request.data))
        )
        valid = not any(verdict.problems for verdict in verdicts)
        return Response(posts.ValidatedSerializer({"valid": valid, "accounts": verdicts}).data)


class PostDetail(APIView):
    @extend_schema(
        operation_id="get_post",
        responses=posts.DetailedPostSerializer,
    )
    def get(self, request: Request, post_id: str) -> Response:
        """One post with its destinations."""
        return Response(posts.DetailedPostSerializer(find_post(request, post_id)).data)

    @extend_schema(
        operation_id="edit_post",
        request=EditPostSerializer,
        responses=posts.EditedPostSerializer,
    )
    def patch(self, request: Request, post_id: str) -> Response:
        """Change a scheduled post or a draft.

        One that lost a file to a forced deletion is changed only together with its `media_ids`.
        """
        known = find_post(request, post_id)
        post = compose.edit(author(request), known.pk, read(EditPostSerializer, request.data))
        return Response(posts.EditedPostSerializer(post).data)

    @extend_schema(
        operation_id="delete_post",
        responses={200: posts.DeletedSerializer},
    )
    def delete(self, request: Request, post_id: str) -> Response:
        """Delete a scheduled post or a draft, for ever."""
        known = find_post(request, post_id)
        read(DeletePostQuery, request.query_params.dict())
        compose.cancel(author(request), known.pk)
        return Response({"id": known.public_id, "deleted": True})


class PostSchedule(APIView):
    @extend_schema(
        operation_id="schedule_post",
        request=SchedulePostSerializer,
        responses=created.ScheduledPostSerializer,
    )
    def post(self, request: Request, post_id: str) -> Response:
        """Send a draft on its way: at a time, or now."""
        known = find_post(request, post_id)
        values = read(SchedulePostSerializer, request.data)
        post, rows = compose.schedule(author(request), known.pk, **values)
        return Response(created.ScheduledPostSerializer(post, context={"destinations": rows}).data)


class PostResults(APIView):
    @extend_schema(
        operation_id="get_post_results",
        responses=posts.ResultSerializer(many=True),
    )
    def get(self, request: Request, post_id: str) -> Response:
        """What became of each destination."""
        rows = list(find_post(request, post_id).destinations.all())
        prefetch_related_objects(rows, "account")
        return EnvelopeResponse(
            posts.ResultSerializer(rows, many=True).data, posts.notes(rows) | posts.errors(rows)
        )


class PostRetry(APIView):
    @extend_schema(
        operation_id="retry_post",
        request=RetryPostSerializer,
        responses=RetriedSerializer,
    )
    def post(self, request: Request, post_id: str) -> Response:
        """Retry the failed destinations, of `account_ids` only if given; no others are touched.

        A destination whose outcome is unknown may be public already. It is left out, not counted,
        and named in `meta.skipped`, unless the body is `{"confirm_not_published": true}`. That
        covers every attempt made before the request arrives; with `seen_attempts`, only the
        attempts that you looked at.
        """
        known = find_post(request, post_id)
        who = author(request)
        values = read(RetryPostSerializer, request.data)
        rows = {row.account_number: row.pk for row in known.destinations.all()}
        wanted = values.get("account_ids", list(rows))
        unknown = [number for number in wanted if number not in rows]
        if unknown:
            raise RequestRefused(
                "invalid_accounts", "The post does not go to these.", account_ids=unknown
            )
        seen = values.get("seen_attempts")
        _check_known(seen or (), rows.values())
        requeued = retry.requeue(
            [rows[number] for number in wanted],
            by=who.by,
            request_id=who.request_id,
            confirmed_not_published=values.get("confirm_not_published", False),
            seen_attempts=seen,
        )
        found = {"retried_count": len(requeued.moved), "destinations": requeued.moved}
        # A caller that names no accounts asks for what has failed, and is told of nothing else.
        told = [
            each
            for each in requeued.skipped
            if "account_ids" in values or each.reason != "not_failed"
        ]
        return EnvelopeResponse(RetriedSerializer(found).data, skipped_meta(told))


class DestinationResolve(APIView):
    @extend_schema(
        operation_id="resolve_destination",
        request=ResolveDestinationSerializer,
        responses=posts.ResultSerializer,
    )
    def post(self, request: Request, post_id: str, destination_id: str) -> Response:
        """Say what became of a destination that failed and may be live; nothing is sent.

        `published` needs the link to the post; where the network can be asked, it must show the
        post as the account's own. After `not_published` a retry takes it again. With
        `seen_attempts` it is a conflict if it was tried since you looked.
        """
        row = _find_destination(request, post_id, destination_id)
        values = read(ResolveDestinationSerializer, request.data)
        try:
            row = _resolve(row.pk, author(request), values)
        except authorship.NotShown as denied:
            raise invalid("platform_post_url", str(denied)) from None
        except resolve.TooLate:
            raise RequestRefused(
                "conflict", "This destination does not wait for your word; see its results."
            ) from None
        except resolve.Taken:
            raise RequestRefused("conflict", "This post belongs to another destination.") from None
        except resolve.TooEarly:
            raise invalid("published_at", "This is before the post was made.") from None
        return EnvelopeResponse(posts.ResultSerializer(row).data, posts.notes([row]))


def _check_known(named: Iterable[uuid.UUID], known: Collection[uuid.UUID]) -> None:
    """Raises RequestRefused for what is no destination of the post: nobody has seen it there."""
    unknown = [key for key in named if key not in known]
    if unknown:
        shown = public_ids.encode(public_ids.DESTINATION, unknown[0])
        raise invalid("seen_attempts", f"The post has no such destination: {shown}.")


def _resolve(pk: uuid.UUID, who: Author, values: Mapping[str, Any]) -> Destination:
    """The destination as it is after the caller's word. Raises NotShown, TooLate and Taken."""
    said: dict[str, Any] = {
        "by": who.by,
        "request_id": who.request_id,
        "seen_attempts": values.get("seen_attempts"),
    }
    if values["outcome"] == "not_published":
        return resolve.confirm_not_published(pk, **said)
    found = {
        "link": values["platform_post_url"],
        "post_id": values.get("platform_post_id", ""),
    }
    is_verified = authorship.require(pk, **found)
    when = values.get("published_at")
    return resolve.confirm_published(
        pk, **found, published_at=when, is_verified=is_verified, **said
    )


def _find_destination(request: Request, post_id: str, destination_id: str) -> Destination:
    key = public_ids.decode(public_ids.DESTINATION, destination_id)
    rows = find_post(request, post_id).destinations
    row: Destination | None = rows.filter(pk=key).first() if key else None
    if row is None:
        raise NotFound("There is no such destination.")
    return row


def find_post(request: Request, post_id: str) -> Post:
    """The caller's post; one out of reach is as good as missing."""
    post = queries.post(reach_of(request), public_ids.decode(public_ids.POST, post_id))
    if post is None:
        raise NotFound("There is no such post.")
    return post
