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
from posts.api.endpoints import Arguments, Json, Tool, options, tools
from posts.api.resources import Resource, Values, find_post
from posts.api.serializers.queries import PageQuery
from posts.api.serializers.resources import read
from posts.composing.destinations import Author
from posts.features.repeating import recurrences, recycling
from posts.features.repeating.api import serializers as shapes
from posts.features.repeating.models import Recurrence
from posts.features.repeating.post_fields import EditRecyclingSerializer


def _after_recurrence(arguments: Arguments, answer: Json) -> str:
    data = answer["data"]
    if data["problem"]:
        return f"The next occurrence could not be made: {data['problem']['message']}"
    return f"Its next occurrence is at {data['next_at']}." if data["next_at"] else ""


def _after_recycling(arguments: Arguments, answer: Json) -> str:
    data = answer["data"]
    if not data["enabled"]:
        return "It is not published again."
    return f"Its next turn is at {data['next_at']}." if data["next_at"] else ""


LIST_RECURRENCES = Tool(
    description="List the rules by which posts recur, newest first, each with its next occurrence "
    "and what is wrong. schedule_post makes one.",
)
GET_RECURRENCE = Tool(
    description="Read one rule with its next and last occurrences. One occurrence alone is "
    "changed as the post that it is, with update_post or delete_post.",
)
UPDATE_RECURRENCE = Tool(
    name="update_recurrence",
    description="Change a rule and its posts that lie ahead: only the fields given, each replaced "
    "as a whole. Posts that were edited singly, were deleted or have begun stay as they are.",
    hides=("hashtags_in", "use_defaults"),
    open_world=True,
    next_step=_after_recurrence,
)
SET_RECURRENCE_STATE = Tool(
    name="set_recurrence_state",
    title="Pause or resume a recurrence",
    description="Pause a rule: its posts ahead that were not edited are deleted, and none are "
    "made. Or make it active again, from now on.",
    own={"state": {"type": "string", "description": "What it becomes."}},
    chosen_by="state",
    destructive=True,
    idempotent=True,
    open_world=True,
    next_step=_after_recurrence,
)
DELETE_RECURRENCE = Tool(
    description="Delete a rule for good, with those of its posts that have not begun, edited ones "
    "too unless keep_edited is true. What is published stays. If an answer was lost, not_found "
    "says that the rule is gone.",
)
UPDATE_RECYCLING = Tool(
    name="update_recycling",
    title="Recycle a post",
    description="Publish a post again each so many weeks or months, or change or end that. "
    "Beginning it needs gap and gap_unit; enabled: false ends it. Works for a post that is "
    "scheduled or published, and answers when its next turn is.",
    open_world=True,
    next_step=_after_recycling,
)


class RecurrenceViewSet(Resource):
    one, many = "recurrence", "recurrences"
    has_long_changes = True
    shown = shapes.WholeRecurrenceSerializer
    shown_by: ClassVar = {"list": shapes.RecurrenceSerializer}
    changes = shapes.EditRecurrenceSerializer
    query = PageQuery
    order = "Newest first."
    pagination = shapes.RecurrencePageSerializer()
    reads = "Read one rule with its next and last occurrences."

    def context(self, who: Author, rows: Sequence[Recurrence]) -> dict[str, Any]:
        return {"now": clock.now()}

    @tools(LIST_RECURRENCES)
    def rows(self, who: Author, asked: Values) -> QuerySet[Recurrence]:
        """List the rules by which posts recur, newest first.

        A key that is restricted to some accounts sees the rules whose posts go to these alone.
        """
        return recurrences.within(who.reach)

    @tools(GET_RECURRENCE)
    def find(self, who: Author, key: uuid.UUID) -> Any:
        return super().find(who, key)

    @tools(UPDATE_RECURRENCE)
    def change(self, who: Author, row: Recurrence, values: Values) -> Recurrence:
        """Change a rule, and its posts that lie ahead.

        Posts that were edited singly, that were deleted or have begun stay as they are.
        """
        return recurrences.edit(who, row.pk, values)

    @tools(DELETE_RECURRENCE)
    @extend_schema(
        operation_id="delete_recurrence",
        parameters=[shapes.DeleteRecurrenceQuery],
        responses={200: shapes.DeletedRecurrenceSerializer},
    )
    @options(reads_query=True, is_long=True)
    def destroy(self, request: Request, recurrence_id: str) -> Response:
        """Delete a rule and those of its posts that have not begun, edited ones too.

        Posts that are published or in flight stay.
        """
        key = uuid.UUID(recurrence_id)
        asked = read(shapes.DeleteRecurrenceQuery, request.query_params.dict())
        keep: bool = asked["keep_edited"] == "true"
        gone = recurrences.delete(author(request), key, keep_edited=keep)
        return Response({"id": str(key), "deleted": True, "deleted_posts": gone})

    @tools(SET_RECURRENCE_STATE.chosen("paused"))
    @extend_schema(
        operation_id="pause_recurrence", request=None, responses=shapes.WholeRecurrenceSerializer
    )
    @action(detail=True, methods=["post"])
    @options(is_long=True)
    def pause(self, request: Request, recurrence_id: str) -> Response:
        """Stop making posts by a rule, and delete those ahead that were not edited."""
        who = author(request)
        return Response(self.show(who, recurrences.pause(who, uuid.UUID(recurrence_id))))

    @tools(SET_RECURRENCE_STATE.chosen("active"))
    @extend_schema(
        operation_id="resume_recurrence", request=None, responses=shapes.WholeRecurrenceSerializer
    )
    @action(detail=True, methods=["post"])
    @options(is_long=True)
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

    @tools(UPDATE_RECYCLING)
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
