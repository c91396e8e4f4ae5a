"""Rules of repeating posts over HTTP."""

import uuid
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from destinations.runtime import clock
from posts.api.auth import author, reach_of
from posts.api.endpoints import options
from posts.api.pagination import page
from posts.api.serializers.validated import read
from posts.features.repeating import recurrences
from posts.features.repeating.api import serializers as shapes
from posts.features.repeating.models import Recurrence


class RecurrenceViewSet(ViewSet):
    lookup_url_kwarg = "recurrence_id"
    lookup_value_converter = "recurrence"
    #: Differs on the compatibility mount.
    whole: type[shapes.WholeRecurrenceSerializer] = shapes.WholeRecurrenceSerializer

    @extend_schema(
        operation_id="list_recurrences",
        parameters=[shapes.RecurrenceQuery],
        responses=shapes.RecurrenceListSerializer,
    )
    @options(may_lag=True, reads_query=True)
    def list(self, request: Request) -> Response:
        """List the rules by which posts recur, newest first.

        A key that is restricted to some accounts sees the rules whose posts go to these alone.
        """
        asked = read(shapes.RecurrenceQuery, request.query_params.dict())
        rows, meta = page(recurrences.within(reach_of(request)), asked)
        shown = shapes.RecurrenceSerializer(rows, many=True, context={"now": clock.now()}).data
        pagination = shapes.RecurrencePageSerializer(meta["pagination"]).data
        return Response({"recurrences": shown, "pagination": pagination})

    @extend_schema(operation_id="get_recurrence", responses=shapes.WholeRecurrenceSerializer)
    def retrieve(self, request: Request, recurrence_id: str) -> Response:
        """Read one rule with its next and last occurrences."""
        return self._shown(recurrences.find(reach_of(request), uuid.UUID(recurrence_id)))

    @extend_schema(
        operation_id="edit_recurrence",
        request=shapes.EditRecurrenceSerializer,
        responses=shapes.WholeRecurrenceSerializer,
    )
    def partial_update(self, request: Request, recurrence_id: str) -> Response:
        """Change a rule, and its posts that lie ahead.

        Posts that were edited singly, that were deleted or have begun stay as they are.
        """
        key = uuid.UUID(recurrence_id)
        recurrences.find(reach_of(request), key)
        changes = read(shapes.EditRecurrenceSerializer, request.data)
        return self._shown(recurrences.edit(author(request), key, changes))

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
        return self._shown(recurrences.pause(author(request), uuid.UUID(recurrence_id)))

    @extend_schema(
        operation_id="resume_recurrence", request=None, responses=shapes.WholeRecurrenceSerializer
    )
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, recurrence_id: str) -> Response:
        """Make posts by a paused rule again, from now on."""
        return self._shown(recurrences.resume(author(request), uuid.UUID(recurrence_id)))

    def _shown(self, row: Recurrence) -> Response:
        context: dict[str, Any] = {"now": clock.now()}
        return Response(self.whole(row, context=context).data)
