"""Posts, in the shapes of the published clients."""

import uuid
from collections.abc import Callable, Sequence
from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from destinations.access import Reach
from destinations.models import Destination
from posts import read_models as rows
from posts.api.auth import reach_of
from posts.api.compat import by_accounts
from posts.api.compat.by_accounts import ReadsByAccounts
from posts.api.compat.serializers import created, inputs, posts
from posts.api.compat.serializers.fields import PlainIds, page_data
from posts.api.renderers import PlainResponse
from posts.api.views import bulk
from posts.api.views import posts as reference
from posts.api.views.posts import Finder, Shown
from posts.composing.changes.deletion import Deleted, DeletionRequest
from posts.composing.compose import Composed
from posts.errors import known
from posts.models import Post
from posts.read_models.pages import Listing, WholeListing


@extend_schema_view(
    list=extend_schema(parameters=[inputs.PostQuery], responses=posts.PostsSerializer),
    create=extend_schema(
        request=inputs.CreatePostSerializer, responses={201: created.created_field()}
    ),
    validate=extend_schema(request=inputs.CreatePostSerializer),
    retrieve=extend_schema(responses=posts.PostSerializer),
    partial_update=extend_schema(
        request=inputs.EditPostSerializer, responses=posts.EditedPostSerializer
    ),
    destroy=extend_schema(responses={200: posts.DeletedPostSerializer}),
    schedule=extend_schema(
        request=inputs.SchedulePostSerializer, responses=created.ScheduledPostSerializer
    ),
    results=extend_schema(responses=posts.ResultsSerializer),
    events=extend_schema(responses=posts.PostEventSerializer(many=True)),
)
class PostViewSet(ReadsByAccounts, PlainIds, reference.PostViewSet):
    query: type[inputs.PostQuery] = inputs.PostQuery
    new: type[inputs.CreatePostSerializer] = inputs.CreatePostSerializer
    changes: type[inputs.EditPostSerializer] = inputs.EditPostSerializer
    time: type[inputs.SchedulePostSerializer] = inputs.SchedulePostSerializer
    listing: type[Listing] = WholeListing
    find: Finder = staticmethod(rows.whole_post)
    show: Shown = staticmethod(posts.show_post)
    show_created: Callable[[Composed], dict[str, Any]] = staticmethod(created.show_created)
    scheduled: type[created.ScheduledPostSerializer] = created.ScheduledPostSerializer
    show_move: Shown = staticmethod(posts.show_event)

    leaves_public = True

    def read_changes(self, reach: Reach, pk: uuid.UUID, body: Any) -> dict[str, Any]:
        changes = super().read_changes(reach, pk, body)
        rows = Destination.objects.filter(post=pk).order_by("position")
        numbers = list(rows.values_list("account_number", flat=True))
        return by_accounts.of_changes(reach, changes, numbers)

    def show_deleted(self, found: Deleted, wish: DeletionRequest) -> dict[str, Any]:
        return dict(posts.DeletedPostSerializer(found).data)

    def show_page(self, found: Sequence[Any], meta: dict[str, Any]) -> Response:
        shown = [posts.show_post(row) for row in found]
        return PlainResponse({"posts": shown, **page_data(meta, "total", "limit", "offset")}, meta)

    def show_edited(self, request: Request, post: Post) -> Any:
        return posts.show_post(known(rows.whole_post(reach_of(request), post.pk), "post"))

    def read_results(
        self, reach: Reach, key: uuid.UUID | None
    ) -> tuple[Sequence[rows.ResultRow], Any]:
        found = known(rows.whole_post(reach, key), "post")
        return found.destinations, posts.show_results(found)


@extend_schema_view(
    post=extend_schema(
        request=inputs.CreatePostsSerializer,
        responses={
            201: OpenApiResponse(created.BulkSerializer, "All posts were created."),
            207: OpenApiResponse(created.BulkSerializer, "Some posts were created."),
            422: OpenApiResponse(created.BulkSerializer, "No post was created."),
        },
    )
)
class PostBulk(ReadsByAccounts, bulk.PostBulk):
    new: type[inputs.CreatePostSerializer] = inputs.CreatePostSerializer
    show: Callable[[Composed], dict[str, Any]] = staticmethod(created.show_created)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        inputs.check_volume(request.data, reach_of(request))
