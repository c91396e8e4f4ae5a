"""Hashtag sets, and a workspace's defaults for posts, over HTTP."""

import uuid

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSet

from posts.api.auth import reach_of, workspace_of
from posts.api.endpoints import options
from posts.api.serializers.validated import read
from posts.features.hashtags import defaults, sets
from posts.features.hashtags.api import serializers as shapes


class HashtagSetViewSet(ViewSet):
    lookup_url_kwarg = "hashtag_set_id"
    lookup_value_converter = "hashtag_set"

    @extend_schema(operation_id="list_hashtag_sets", responses=shapes.HashtagSetListSerializer)
    @options(may_lag=True)
    def list(self, request: Request) -> Response:
        """List hashtag sets by name: all of them, at most 100."""
        found = sets.listed(workspace_of(request))
        return Response({"hashtag_sets": shapes.HashtagSetSerializer(found, many=True).data})

    @extend_schema(
        operation_id="create_hashtag_set",
        request=shapes.CreateHashtagSetSerializer,
        responses={201: shapes.HashtagSetSerializer},
    )
    def create(self, request: Request) -> Response:
        """Create a hashtag set. Posts take it by `hashtag_set_ids`."""
        values = read(shapes.CreateHashtagSetSerializer, request.data)
        made = sets.create(workspace_of(request), values)
        return Response(shapes.HashtagSetSerializer(made).data, status=201)

    @extend_schema(operation_id="get_hashtag_set", responses=shapes.HashtagSetSerializer)
    def retrieve(self, request: Request, hashtag_set_id: str) -> Response:
        """Read one hashtag set."""
        found = sets.find(workspace_of(request), uuid.UUID(hashtag_set_id))
        return Response(shapes.HashtagSetSerializer(found).data)

    @extend_schema(
        operation_id="edit_hashtag_set",
        request=shapes.EditHashtagSetSerializer,
        responses=shapes.HashtagSetSerializer,
    )
    def partial_update(self, request: Request, hashtag_set_id: str) -> Response:
        """Change a hashtag set: at least one field.

        Posts that are written already keep the hashtags they have, until they name the set again.
        """
        reach, key = reach_of(request), uuid.UUID(hashtag_set_id)
        sets.find(reach.workspace_id, key)
        changes = read(shapes.EditHashtagSetSerializer, request.data)
        return Response(shapes.HashtagSetSerializer(sets.edit(reach, key, changes)).data)

    @extend_schema(
        operation_id="delete_hashtag_set", responses={200: shapes.DeletedHashtagSetSerializer}
    )
    def destroy(self, request: Request, hashtag_set_id: str) -> Response:
        """Delete a hashtag set; posts that are written already keep its hashtags."""
        sets.delete(reach_of(request), key := uuid.UUID(hashtag_set_id))
        return Response({"id": str(key), "deleted": True})


class PostDefaults(APIView):
    @extend_schema(operation_id="get_post_defaults", responses=shapes.PostDefaultsSerializer)
    def get(self, request: Request) -> Response:
        """Read what posts get that name no hashtag sets, or no first comment."""
        found = defaults.find(workspace_of(request))
        return Response(shapes.PostDefaultsSerializer(found).data)

    @extend_schema(
        operation_id="edit_post_defaults",
        request=shapes.PostDefaultsBodySerializer,
        responses=shapes.PostDefaultsSerializer,
    )
    def patch(self, request: Request) -> Response:
        """Say what posts get that are created from now on and name nothing of their own.

        Only what changes; nothing is set at first. It takes effect within five seconds, also for
        posts of feeds, imports and rules. A post switches it off with `use_defaults: false`.
        """
        if reach_of(request).only is not None:
            raise PermissionDenied(
                "This key is restricted to some accounts. These defaults concern all posts of the "
                "workspace; use a key without a restriction."
            )
        values = read(shapes.PostDefaultsBodySerializer, request.data)
        changed = defaults.save(workspace_of(request), values)
        return Response(shapes.PostDefaultsSerializer(changed).data)
