"""Posts over HTTP: make, list, read, change and delete them."""

from typing import TypeVar

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from destinations import public_ids
from destinations.state import history
from posts import listing, queries, rows
from posts.api.auth import author, reach_of
from posts.api.endpoints import ReplayPolicy, options
from posts.api.idempotency import versions
from posts.api.pagination import page
from posts.api.renderers import PlainResponse
from posts.api.serializers import created, posts
from posts.api.serializers.compiled import compiled
from posts.api.serializers.events import PostEventSerializer
from posts.api.serializers.queries import DeletePostQuery, PageQuery, PostQuery, filters
from posts.api.serializers.requests import (
    CreatePostSerializer,
    EditPostSerializer,
    SchedulePostSerializer,
)
from posts.api.serializers.validated import read
from posts.composing import compose
from posts.composing.compose import NewPost
from posts.models import Post

Found = TypeVar("Found")
show_listed = compiled(posts.ListedPostSerializer)
show_detailed = compiled(posts.DetailedPostSerializer)
show_result = compiled(posts.ResultSerializer)
show_event = compiled(PostEventSerializer)


class PostViewSet(ViewSet):
    lookup_url_kwarg = "post_id"
    lookup_value_converter = "post"

    @extend_schema(
        operation_id="list_posts",
        parameters=[PostQuery],
        responses=posts.ListedPostSerializer(many=True),
    )
    def list(self, request: Request) -> Response:
        """List posts that match every filter, newest first unless sorted otherwise.

        `…_after` is inclusive, `…_before` exclusive.
        """
        asked = read(PostQuery, request.query_params.dict())
        found = listing.find(reach_of(request), filters(asked))
        shown, meta = page(found, asked)
        return PlainResponse([show_listed(row) for row in shown], meta)

    @extend_schema(
        operation_id="create_post",
        request=CreatePostSerializer,
        responses={201: created.created_field()},
    )
    @options(costs={"posts": 1}, version_of=versions.of_created)
    def create(self, request: Request) -> Response:
        """Create a post: publish it now or at `scheduled_at`, or keep it as a draft.

        A draft may have no accounts yet; those it has are validated as for any post.
        """
        values = read(CreatePostSerializer, request.data)
        post = compose.create(author(request), NewPost(**values))
        return PlainResponse(created.created(post, len(set(values["account_ids"]))), status=201)

    @extend_schema(
        operation_id="validate_post",
        request=CreatePostSerializer,
        responses=posts.ValidatedSerializer,
    )
    @action(detail=False, methods=["post"])
    @options(replay=ReplayPolicy.NEVER)
    def validate(self, request: Request) -> Response:
        """Validate a post for each account, as POST /posts would; nothing is stored."""
        verdicts = compose.check(
            author(request), NewPost(**read(CreatePostSerializer, request.data))
        )
        valid = not any(verdict.problems for verdict in verdicts)
        return Response(posts.ValidatedSerializer({"valid": valid, "accounts": verdicts}).data)

    @extend_schema(operation_id="get_post", responses=posts.DetailedPostSerializer)
    def retrieve(self, request: Request, post_id: str) -> Response:
        """Read one post with its destinations."""
        found = rows.post(reach_of(request), public_ids.decode(public_ids.POST, post_id))
        return PlainResponse(show_detailed(_known(found)))

    @extend_schema(
        operation_id="edit_post", request=EditPostSerializer, responses=posts.EditedPostSerializer
    )
    def partial_update(self, request: Request, post_id: str) -> Response:
        """Edit a scheduled post or a draft.

        A post that lost a file to a forced deletion can only be edited together with `media_ids`.
        """
        known = find_post(request, post_id)
        post = compose.edit(author(request), known.pk, read(EditPostSerializer, request.data))
        return Response(posts.EditedPostSerializer(post).data)

    @extend_schema(operation_id="delete_post", responses={200: posts.DeletedSerializer})
    def destroy(self, request: Request, post_id: str) -> Response:
        """Delete a scheduled post or a draft permanently."""
        known = find_post(request, post_id)
        read(DeletePostQuery, request.query_params.dict())
        compose.cancel(author(request), known.pk)
        return Response({"id": known.public_id, "deleted": True})

    @extend_schema(
        operation_id="schedule_post",
        request=SchedulePostSerializer,
        responses=created.ScheduledPostSerializer,
    )
    @action(detail=True, methods=["post"])
    def schedule(self, request: Request, post_id: str) -> Response:
        """Schedule a draft, or publish it now."""
        known = find_post(request, post_id)
        values = read(SchedulePostSerializer, request.data)
        post, rows = compose.schedule(author(request), known.pk, **values)
        return Response(created.ScheduledPostSerializer(post, context={"destinations": rows}).data)

    @extend_schema(operation_id="get_post_results", responses=posts.ResultSerializer(many=True))
    @action(detail=True)
    def results(self, request: Request, post_id: str) -> Response:
        """List the result of each destination."""
        found = rows.results(reach_of(request), public_ids.decode(public_ids.POST, post_id))
        shown = _known(found)
        return PlainResponse(
            [show_result(row) for row in shown], posts.notes(shown) | posts.errors(shown)
        )

    @extend_schema(
        operation_id="list_post_events",
        parameters=[PageQuery],
        responses=PostEventSerializer(many=True),
    )
    @action(detail=True)
    def events(self, request: Request, post_id: str) -> Response:
        """List what happened to each destination, oldest first.

        `attempt` is the attempt that the event is about, as currently known.
        """
        known = rows.accounts(reach_of(request), public_ids.decode(public_ids.POST, post_id))
        destinations = {row.id: row for row in _known(known)}
        asked = read(PageQuery, request.query_params.dict())
        shown, meta = page(history.Events(destinations), asked)
        return PlainResponse([show_event(row) for row in shown], meta)


def find_post(request: Request, post_id: str) -> Post:
    """The caller's post. Raises NotFound, also for a post out of its reach."""
    return _known(queries.post(reach_of(request), public_ids.decode(public_ids.POST, post_id)))


def _known(found: Found | None) -> Found:
    if found is None:
        raise NotFound("There is no such post.")
    return found
