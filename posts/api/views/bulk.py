"""Many posts in one call."""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import nullcontext
from functools import partial
from typing import Any

from django.db import connection, transaction
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from destinations.runtime import database
from posts.api import errors, long_requests, renderers, throttling
from posts.api.auth import author
from posts.api.renderers import EnvelopeResponse
from posts.api.serializers.posts import created, warnings
from posts.api.serializers.posts.bulk import BulkSerializer, CreatePostsSerializer
from posts.api.serializers.resources import read
from posts.api.views.posts import ReadsNewPosts
from posts.composing import create, queueing
from posts.composing.compose import Composed
from posts.composing.destinations import Author
from posts.errors import RequestRefused

#: The most bytes that the errors of all posts take in the answer together.
ERRORS_BYTES = 50_000


class PostBulk(ReadsNewPosts, APIView):
    """Its attributes differ on the compatibility mount."""

    show: Callable[[Composed], dict[str, Any]] = staticmethod(created.created)

    @extend_schema(
        operation_id="create_posts",
        request=CreatePostsSerializer,
        responses={
            201: OpenApiResponse(BulkSerializer, "All posts were created."),
            207: OpenApiResponse(BulkSerializer, "Some posts were created."),
            422: OpenApiResponse(BulkSerializer, "No post was created."),
        },
    )
    def post(self, request: Request) -> Response:
        """Create up to 50 posts, in order and independently, each as POST /posts does.

        A refused post does not stop the others. 201: all were created; 207: some were; 422: none
        was (`data` has the reasons, and `error` is null).
        """
        bodies = read(CreatePostsSerializer, request.data)["posts"]
        long_requests.take_place_for(request, bodies)
        throttling.take_posts(request, bodies)
        made: dict[int, Composed] = {}
        results = list(_results(author(request), bodies, partial(self._create, made)))
        succeeded = len(made)
        failed = len(results) - succeeded
        throttling.give_back_posts(request, failed)
        summary = {"total": len(results), "succeeded": succeeded, "failed": failed}
        status = 201 if not failed else 207 if succeeded else 422
        told = [
            each for index, one in made.items() for each in warnings.of_post(one.post, index=index)
        ]
        shown = {"summary": summary, "results": results}
        return EnvelopeResponse(shown, warnings.meta(told), status)

    def _create(
        self, made: dict[int, Composed], who: Author, index: int, body: Any
    ) -> dict[str, Any]:
        """Make one post, and put it with what was `made`."""
        values = self.read_new(who.reach, body)
        # In the transaction of an Idempotency-Key, the failure of one must not end the others.
        with transaction.atomic() if connection.in_atomic_block else nullcontext():
            made[index] = create.create(who, values)
        return self.show(made[index])


def _results(
    who: Author, bodies: Collection[Any], create: Callable[[Author, int, Any], dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """The result of each body. Nothing is raised: results before it must be reported."""
    if connection.in_atomic_block and any(map(_uses_queue, bodies)):
        # Kept until all are made: taken one by one, two requests could wait for each other.
        queueing.lock_all(who.workspace_id)
    away: RequestRefused | None = None
    room = min(renderers.MOST_BYTES, ERRORS_BYTES // len(bodies))
    for index, body in enumerate(bodies):
        try:
            if away:
                raise away
            yield {"index": index, "ok": True, "post": create(who, index, body)}
        # Posts made before are committed. An error for the whole call would hide them, and a client
        # that sends all of them again would publish them twice.
        except Exception as error:  # noqa: BLE001
            refused = errors.explain(error)
            if database.is_away(error):
                away = refused  # the others would only wait for the database, one by one
            yield {"index": index, "ok": False, "error": _error(refused, room)}


def _uses_queue(body: Any) -> bool:
    return isinstance(body, Mapping) and bool(body.get("use_queue"))


def _error(refused: RequestRefused, room: int) -> dict[str, Any]:
    refused = renderers.bounded(refused, room)
    status = errors.STATUS[refused.code]
    found = {"code": refused.code, "message": refused.message, "status": status}
    return {**found, "details": refused.details} if refused.details else found
