"""Rules of repeating posts over HTTP."""

import uuid
from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from destinations.runtime import clock
from posts.api.auth import author
from posts.api.endpoints import options
from posts.api.resources import Resource, Values, find_post
from posts.api.serializers.queries import PageQuery
from posts.api.serializers.resources import read
from posts.composing.destinations import Author
from posts.features.repeating import recycling
from posts.features.repeating.api import serializers as shapes
from posts.features.repeating.models import Recurrence
from posts.features.repeating.post_fields import EditRecyclingSerializer
from posts.features.repeating.recurring import recurrences


class RecurrenceViewSet(Resource):
    one, many = "recurrence", "recurrences"
    shown = shapes.WholeRecurrenceSerializer
    shown_by: ClassVar = {"list": shapes.RecurrenceSerializer}
    changes = shapes.EditRecurrenceSerializer
    query = PageQuery
    order = "Newest first."
    pagination = shapes.RecurrencePageSerializer()
    reads = "Read one rule with its next and last occurrences."

    def context(self, who: Author, rows: Sequence[Recurrence]) -> dict[str, Any]:
        return {"now": clock.now()}

    def rows(self, who: Author, asked: Values) -> QuerySet[Recurrence]:
        """List the rules by which posts recur, newest first.

        A key that is restricted to some accounts sees the rules whose posts go to these alone.
        """
        return recurrences.within(who.reach)

    def change(self, who: Author, row: Recurrence, values: Values) -> Recurrence:
        """Change a rule, and its posts that lie ahead.

        Posts that were edited singly, that were deleted or have begun stay as they are.
        """
        return recurrences.edit(who, row.pk, values)

    @extend_schema(
        operation_id="delete_recurrence",
        parameters=[shapes.DeleteRecurrenceQuery],
        responses={200: shapes.DeletedRecurrenceSerializer},
    )
    @options(reads_query=True)
    def destroy(self, request: Request, recurrence_id: str) -> Response:
        """Delete a rule and those of its posts that have not begun, edited ones too.

        Posts that are published or in flight stay.
        """
        key = uuid.UUID(recurrence_id)
        asked = read(shapes.DeleteRecurrenceQuery, request.query_params.dict())
        keep: bool = asked["keep_edited"] == "true"
        gone = recurrences.delete(author(request), key, keep_edited=keep)
        return Response({"id": str(key), "deleted": True, "deleted_posts": gone})

    @extend_schema(
        operation_id="pause_recurrence", request=None, responses=shapes.WholeRecurrenceSerializer
    )
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, recurrence_id: str) -> Response:
        """Stop making posts by a rule, and delete those ahead that were not edited."""
        who = author(request)
        return Response(self.show(who, recurrences.pause(who, uuid.UUID(recurrence_id))))

    @extend_schema(
        operation_id="resume_recurrence", request=None, responses=shapes.WholeRecurrenceSerializer
    )
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, recurrence_id: str) -> Response:
        """Make posts by a paused rule again, from now on."""
        who = author(request)
        return Response(self.show(who, recurrences.resume(who, uuid.UUID(recurrence_id))))


class PostRecycling(APIView):
    @extend_schema(operation_id="get_recycling", responses=shapes.RecyclingSerializer)
    def get(self, request: Request, post_id: str) -> Response:
        """Read how a post is recycled, and when its next turn is."""
        found = recycling.find(find_post(request, post_id))
        if found is None:
            raise NotFound("This post is not recycled.")
        return Response(shapes.RecyclingSerializer(found).data)

    @extend_schema(
        operation_id="edit_recycling",
        request=EditRecyclingSerializer,
        responses=shapes.RecyclingSerializer,
    )
    def patch(self, request: Request, post_id: str) -> Response:
        """Begin, change or end the recycling of a post, also of one that is published."""
        post = find_post(request, post_id)
        changes = read(EditRecyclingSerializer, request.data)
        changed = recycling.change(author(request), post, changes)
        return Response(shapes.RecyclingSerializer(changed).data)
