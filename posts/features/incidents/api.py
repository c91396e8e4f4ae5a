"""Incidents over HTTP."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from destinations import access
from destinations.access import Reach
from destinations.models import Outage
from destinations.state import outages
from destinations.state.waiting import format_time
from posts.api import routing
from posts.api.endpoints import Tool, tools
from posts.api.resources import Resource, Values
from posts.api.serializers.queries import ALL, ResourceQuery
from posts.api.serializers.resources import ResourcePageSerializer
from posts.composing.destinations import Author

STATES = {"open": True, "over": False}


class IncidentQuery(ResourceQuery):
    state = serializers.ChoiceField(choices=[*STATES, ALL], required=False)


class IncidentSerializer(serializers.Serializer):
    """Shows an outage; `context["waiting"]` has the numbers of posts that wait, by id."""

    id = serializers.IntegerField()
    platform = serializers.CharField(help_text="The network that gives no usable answer.")
    account_id = serializers.SerializerMethodField(
        help_text="The account that it gives none; null: all accounts of the network."
    )
    message = serializers.SerializerMethodField(help_text="What is wrong, and what happens.")
    began_at = serializers.DateTimeField(source="opened_at", help_text="When tries began to fail.")
    ended_at = serializers.DateTimeField(
        source="closed_at", allow_null=True, help_text="Null: it lasts."
    )
    next_probe_at = serializers.SerializerMethodField(
        help_text="When a post tries the network next; null: it is over."
    )
    posts_waiting = serializers.SerializerMethodField(
        help_text="How many of your posts are due and wait for its end; at most 1000 are counted."
    )

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_account_id(self, row: Outage) -> int | None:
        return outages.account_of(row)

    def get_message(self, row: Outage) -> str:
        return outages.message(row)

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_next_probe_at(self, row: Outage) -> str | None:
        return None if row.closed_at else format_time(row.probe_at)

    def get_posts_waiting(self, row: Outage) -> int:
        return int(self.context["waiting"].get(row.pk, 0))


LIST_INCIDENTS = Tool(
    description="List networks that are down: since when, and how many posts wait for them."
)


class IncidentViewSet(Resource):
    one, many = "incident", "incidents"
    shown = IncidentSerializer
    query = IncidentQuery
    order = "Newest first."
    pagination = ResourcePageSerializer(help_text="Which page this is.")
    may_lag = False

    def context(self, who: Author, rows: Sequence[Outage]) -> dict[str, Any]:
        lasting = [row for row in rows if row.closed_at is None]
        return {"waiting": {row.pk: outages.waiting(row, who.reach) for row in lasting}}

    @tools(LIST_INCIDENTS)
    def rows(self, who: Author, asked: Values) -> QuerySet[Outage]:
        """List what keeps posts from networks: those that are down for your accounts, or were.

        Posts keep their places meanwhile, spend no try, and go out by themselves afterwards.
        """
        found = _within(who.reach)
        state = STATES.get(asked.get("state", ""))
        return found if state is None else found.filter(closed_at__isnull=state)


def _within(reach: Reach) -> QuerySet[Outage]:
    mine = access.accounts(reach).order_by()
    networks = Q(scope=Outage.Scope.NETWORK, target__in=mine.values("platform"))
    numbers = mine.annotate(number=Cast("pk", TextField())).values("number")
    return Outage.objects.filter(networks | Q(scope=Outage.Scope.ACCOUNT, target__in=numbers))


SHARED = routing.resource("incidents", IncidentViewSet, "incident")
