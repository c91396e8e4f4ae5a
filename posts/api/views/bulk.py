"""Many posts in one call: made one by one, and retried."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from drf_spectacular.utils import (
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
)
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from destinations.runtime import db_errors
from posts.api import error_size, errors, throttling
from posts.api.auth import author
from posts.api.schema import examples
from posts.api.serializers import created
from posts.api.serializers.fields import List, StrictSerializer, read
from posts.api.serializers.requests import CreatePostSerializer
from posts.composing import compose, validate
from posts.composing.compose import NewPost
from posts.composing.destinations import Author
from posts.errors import RequestRefused

MOST_POSTS = 50
MOST_DESTINATIONS = 1_000
#: What the errors of all posts may take in the answer, together.
ERRORS_BYTES = 50_000


@extend_schema_field(CreatePostSerializer)
class Unread(serializers.Field):
    """A body that is read later, for itself; it may be anything."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        return data


class CreatePostsSerializer(StrictSerializer):
    posts = List(
        child=Unread(),
        allow_empty=False,
        max_length=MOST_POSTS,
        help_text=f"1 to {MOST_POSTS}, as for POST /posts; up to {MOST_DESTINATIONS} destinations.",
    )

    def to_internal_value(self, data: Any) -> Any:
        given = data.get("posts") if isinstance(data, Mapping) else None
        if isinstance(given, list):
            _check_volume(given)
        return super().to_internal_value(data)


class BulkErrorSerializer(serializers.Serializer):
    code = serializers.CharField()
    message = serializers.CharField()
    status = serializers.IntegerField()
    details = serializers.DictField(required=False)


class BulkResultSerializer(serializers.Serializer):
    """`post` if it is `ok`, else `error`."""

    index = serializers.IntegerField()
    ok = serializers.BooleanField()
    post = created.created_field(required=False)
    error = BulkErrorSerializer(required=False)


class BulkSummarySerializer(serializers.Serializer):
    total = serializers.IntegerField()
    succeeded = serializers.IntegerField()
    failed = serializers.IntegerField()


class BulkSerializer(serializers.Serializer):
    summary = BulkSummarySerializer()
    results = BulkResultSerializer(many=True)


class PostBulk(APIView):
    @extend_schema(
        operation_id="create_posts",
        request=CreatePostsSerializer,
        responses={
            201: OpenApiResponse(BulkSerializer, "All were made."),
            207: OpenApiResponse(BulkSerializer, "Some were made."),
            422: OpenApiResponse(BulkSerializer, "None was made."),
        },
        examples=examples.BULK,
    )
    def post(self, request: Request) -> Response:
        """Make up to 50 posts, in order, each as POST /posts does, and each for itself.

        One that is refused does not keep the others from being made: 201 says that all were, 207
        that some were, 422 that none was (`data` tells why, and `error` is null).
        """
        bodies = read(CreatePostsSerializer, request.data)["posts"]
        throttling.take_posts(request, len(bodies))
        results = list(_results(author(request), bodies))
        succeeded = sum(result["ok"] for result in results)
        failed = len(results) - succeeded
        summary = {"total": len(results), "succeeded": succeeded, "failed": failed}
        status = 201 if not failed else 207 if succeeded else 422
        return Response({"summary": summary, "results": results}, status=status)


def _check_volume(bodies: Sequence[Any]) -> None:
    """Raises RequestRefused for more than one call can make in a moment."""
    if len(bodies) > MOST_POSTS:
        raise _too_many("posts", MOST_POSTS)
    accounts = [_accounts_count(body) for body in bodies]
    if sum(accounts) > MOST_DESTINATIONS:
        raise _too_many("destinations over all posts", MOST_DESTINATIONS)
    sizes = (
        error_size.size(body) * count for body, count in zip(bodies, accounts, strict=True) if count
    )
    if sum(sizes) > validate.MOST_STORED_BYTES:
        raise _too_many("bytes over all destinations", validate.MOST_STORED_BYTES)


def _accounts_count(body: Any) -> int:
    ids = body.get("account_ids") if isinstance(body, Mapping) else None
    return len(ids) if isinstance(ids, list) else 0


def _too_many(what: str, limit: int) -> RequestRefused:
    message = f"One call makes at most {limit} {what}; send the rest in another."
    return RequestRefused("bulk_limit_exceeded", message, limit=limit)


def _results(who: Author, bodies: Collection[Any]) -> Iterator[dict[str, Any]]:
    """What becomes of each. Nothing is raised: what was made before must be told."""
    away: RequestRefused | None = None
    room = min(error_size.MOST_BYTES, ERRORS_BYTES // len(bodies))
    for index, body in enumerate(bodies):
        try:
            if away:
                raise away
            yield {"index": index, "ok": True, "post": _create(who, body)}
        except Exception as error:  # noqa: BLE001 - whatever it is, the others were made
            refused = errors.explain(error)
            if db_errors.is_away(error):
                away = refused  # the rest would only wait for the database, one by one
            yield {"index": index, "ok": False, "error": _error(refused, room)}


def _create(who: Author, body: Any) -> Any:
    values = read(CreatePostSerializer, body)
    post = compose.create(who, NewPost(**values))
    return created.created(post, len(set(values["account_ids"])))


def _error(refused: RequestRefused, room: int) -> dict[str, Any]:
    refused = error_size.bounded(refused, room)
    found = {
        "code": refused.code,
        "message": refused.message,
        "status": errors.STATUS[refused.code],
    }
    return {**found, "details": refused.details} if refused.details else found
