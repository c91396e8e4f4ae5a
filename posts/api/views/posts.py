"""Posts over HTTP: make, list, read, change and delete them."""

import uuid
from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpRequest
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from destinations import public_ids
from destinations.access import Reach
from destinations.state import history
from posts import read_models as rows
from posts.api.auth import author, reach_of
from posts.api.endpoints import ReplayPolicy, options, tools
from posts.api.idempotency import versions
from posts.api.pagination import page
from posts.api.renderers import EnvelopeResponse, PlainResponse
from posts.api.resources import find_post
from posts.api.serializers.compiled import compiled
from posts.api.serializers.posts import created, pauses, posts, warnings
from posts.api.serializers.posts.created import DeletedPostSerializer
from posts.api.serializers.posts.events import PostEventSerializer
from posts.api.serializers.posts.queries import (
    DELETE_ON_PLATFORMS,
    DeletePostQuery,
    PostQuery,
    filters,
)
from posts.api.serializers.posts.requests import (
    CreatePostSerializer,
    EditPostSerializer,
    SchedulePostSerializer,
)
from posts.api.serializers.queries import PageQuery
from posts.api.serializers.resources import read
from posts.api.views import tools as agents
from posts.composing import compose, create
from posts.composing.changes import deletion
from posts.composing.changes.deletion import Deleted, DeletionRequest
from posts.composing.compose import Composed
from posts.errors import known
from posts.models import Post
from posts.read_models import listing
from posts.read_models.pages import Listing

Finder = Callable[[Reach, uuid.UUID | None], Any]
Shown = Callable[[Any], dict[str, Any]]
show_listed = compiled(posts.ListedPostSerializer)
show_detailed = compiled(posts.DetailedPostSerializer)
show_result = compiled(posts.ResultSerializer)
show_event = compiled(PostEventSerializer)


def deletes_elsewhere(request: HttpRequest) -> bool:
    """Return whether a DELETE also asks networks, and so waits for a worker."""
    return bool(request.GET.get(DELETE_ON_PLATFORMS))


class ReadsNewPosts:
    """A view that reads new posts. `new` and `read_new` differ on the compatibility mount."""

    new: type[CreatePostSerializer] = CreatePostSerializer

    def read_new(self, reach: Reach, body: Any) -> dict[str, Any]:
        return read(self.new, body)


class PostViewSet(ReadsNewPosts, ViewSet):
    """What stands before its endpoints differs on the compatibility mount."""

    lookup_url_kwarg = "post_id"
    lookup_value_converter = "post"
    #: What it reads of requests.
    query: type[PostQuery] = PostQuery
    changes: type[EditPostSerializer] = EditPostSerializer
    time: type[SchedulePostSerializer] = SchedulePostSerializer
    #: What it reads of posts, and how it shows them.
    listing: type[Listing] = Listing
    find: Finder = staticmethod(rows.post)
    show: Shown = staticmethod(show_detailed)
    show_created: Callable[[Composed], dict[str, Any]] = staticmethod(created.created)
    scheduled: type[created.ScheduledPostSerializer] = created.ScheduledPostSerializer
    show_move: Shown = staticmethod(show_event)

    #: Whether a post is deleted here although it stays public on its networks.
    leaves_public: bool = False

    def read_changes(self, reach: Reach, pk: uuid.UUID, body: Any) -> dict[str, Any]:
        return read(self.changes, body)

    def show_deleted(self, found: Deleted, wish: DeletionRequest) -> dict[str, Any]:
        shown: dict[str, Any] = DeletedPostSerializer(found).data
        return shown if wish.platforms else {name: shown[name] for name in ("id", "deleted")}

    def show_page(self, found: Sequence[Any], meta: dict[str, Any]) -> Response:
        return PlainResponse([show_listed(row) for row in found], meta)

    def show_edited(self, request: Request, post: Post) -> Any:
        return posts.EditedPostSerializer(post).data

    def read_results(
        self, reach: Reach, key: uuid.UUID | None
    ) -> tuple[Sequence[rows.ResultRow], Any]:
        """The destinations of a post, and what is shown of them. Raises NotFound."""
        found = known(rows.results(reach, key), "post")
        return found, [show_result(row) for row in found]

    @tools(agents.LIST_POSTS)
    @extend_schema(
        operation_id="list_posts",
        parameters=[PostQuery],
        responses=posts.ListedPostSerializer(many=True),
    )
    @options(may_lag=True, reads_query=True)
    def list(self, request: Request) -> Response:
        """List posts that match every filter, newest first unless sorted otherwise.

        `…_after` is inclusive, `…_before` exclusive.
        """
        asked = read(self.query, request.query_params.dict())
        found = listing.find(reach_of(request), filters(asked), self.listing)
        return self.show_page(*page(found, asked))

    @tools(agents.CREATE_POST, agents.SCHEDULE_POST, agents.CREATE_DRAFT)
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
        values = self.read_new(reach_of(request), request.data)
        made = create.create(author(request), values)
        warned = warnings.meta(warnings.of_post(made.post))
        return PlainResponse(self.show_created(made), warned, status=201)

    @tools(agents.VALIDATE_POST)
    @extend_schema(
        operation_id="validate_post",
        request=CreatePostSerializer,
        responses=posts.ValidatedSerializer,
    )
    @action(detail=False, methods=["post"])
    @options(replay=ReplayPolicy.NEVER)
    def validate(self, request: Request) -> Response:
        """Validate a post for each account, as POST /posts would; nothing is stored."""
        values = self.read_new(reach_of(request), request.data)
        verdicts = create.check(author(request), values)
        paused = pauses.of_accounts(
            [verdict.target for verdict in verdicts], reach_of(request).workspace_id
        )
        return EnvelopeResponse(
            posts.show_validated(verdicts, paused),
            warnings.meta(warnings.foreseen(values, verdicts)),
        )

    @tools(agents.GET_POST)
    @extend_schema(operation_id="get_post", responses=posts.DetailedPostSerializer)
    def retrieve(self, request: Request, post_id: str) -> Response:
        """Read one post with its destinations."""
        reach = reach_of(request)
        found = known(self.find(reach, public_ids.decode(public_ids.POST, post_id)), "post")
        return PlainResponse(
            self.show(found), pauses.meta(pauses.of_post(found, reach.workspace_id))
        )

    @tools(agents.UPDATE_POST)
    @extend_schema(
        operation_id="edit_post", request=EditPostSerializer, responses=posts.EditedPostSerializer
    )
    def partial_update(self, request: Request, post_id: str) -> Response:
        """Edit a draft, a scheduled post, or one for now that an outage, a pause or a limit holds.

        A post that lost a file to a forced deletion can only be edited together with `media_ids`.
        """
        pk = find_post(request, post_id).pk
        changes = self.read_changes(reach_of(request), pk, request.data)
        post = compose.edit(author(request), pk, changes)
        warned = warnings.meta(warnings.of_post(post))
        return PlainResponse(self.show_edited(request, post), warned)

    @tools(agents.DELETE_POST)
    @extend_schema(
        operation_id="delete_post",
        parameters=[DeletePostQuery],
        responses={200: DeletedPostSerializer},
    )
    @options(waits=deletes_elsewhere, reads_query=True)
    def destroy(self, request: Request, post_id: str) -> Response:
        """Delete a post permanently; with `delete_on_platforms` also what is public of it.

        One for now that an outage, a pause or a limit holds has not begun.
        A post that has begun is deleted only together with its public copies, once they are gone.
        The request waits a few seconds for the networks. A copy that takes longer is `deleting`:
        send the request again to learn the outcome.
        """
        asked = read(DeletePostQuery, request.query_params.dict())
        pk = known(public_ids.decode(public_ids.POST, post_id), "post")
        wish = DeletionRequest(asked.get(DELETE_ON_PLATFORMS, ()), leaves_public=self.leaves_public)
        return Response(self.show_deleted(deletion.delete(author(request), pk, wish), wish))

    @tools(agents.PUBLISH_DRAFT)
    @extend_schema(
        operation_id="schedule_post",
        request=SchedulePostSerializer,
        responses=created.ScheduledPostSerializer,
    )
    @action(detail=True, methods=["post"])
    def schedule(self, request: Request, post_id: str) -> Response:
        """Schedule a draft, or publish it now."""
        pk = find_post(request, post_id).pk
        values = read(self.time, request.data)
        post, placed = compose.schedule(author(request), pk, **values)
        shown = self.scheduled(post, context={"destinations": placed}).data
        return PlainResponse(shown, warnings.meta(warnings.of_post(post)))

    @tools(agents.GET_RESULTS)
    @extend_schema(operation_id="get_post_results", responses=posts.ResultSerializer(many=True))
    @action(detail=True)
    def results(self, request: Request, post_id: str) -> Response:
        """List the result of each destination."""
        reach = reach_of(request)
        found, shown = self.read_results(reach, public_ids.decode(public_ids.POST, post_id))
        paused = pauses.of_results(found, reach.workspace_id)
        return PlainResponse(
            shown, posts.notes(found, paused) | posts.errors(found) | pauses.meta(paused)
        )

    @extend_schema(
        operation_id="list_post_events",
        parameters=[PageQuery],
        responses=PostEventSerializer(many=True),
    )
    @action(detail=True)
    @options(reads_query=True)
    def events(self, request: Request, post_id: str) -> Response:
        """List what happened to each destination, oldest first.

        `attempt` is the attempt that the event is about, as currently known.
        """
        found = rows.accounts(reach_of(request), public_ids.decode(public_ids.POST, post_id))
        destinations = {row.id: row for row in known(found, "post")}
        asked = read(PageQuery, request.query_params.dict())
        shown, meta = page(history.Events(destinations), asked)
        return PlainResponse([self.show_move(row) for row in shown], meta)
