"""Analytics over HTTP."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from destinations.runtime import clock
from platforms.metrics import NAMES
from posts.api.auth import reach_of, workspace_of
from posts.api.endpoints import Tool, options, tools
from posts.api.serializers.compiled import instant
from posts.api.serializers.fields import UTCDateTimeField
from posts.api.serializers.queries import QueryNumberField, QuerySerializer
from posts.api.serializers.resources import read
from posts.api.views import me
from posts.features.analytics import summary, tallies
from posts.features.analytics.counting import BEGINNING
from posts.features.analytics.tallies import TallyWindow
from posts.models import Post

#: How long ago each period began; null: it has no such length.
PERIODS: dict[str, timedelta | None] = {
    "today": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
    "all": None,
    "custom": None,
}


class SummaryQuery(QuerySerializer):
    period = serializers.ChoiceField(
        choices=list(PERIODS),
        default="month",
        help_text="The last 24 hours, 7 days or 30 days; all; or custom, with `from` and `to`.",
    )
    campaign_id = QueryNumberField(required=False, help_text="Posts in this campaign.")

    def get_fields(self) -> dict[str, serializers.Field]:
        """Add `from`, a word that Python keeps for itself."""
        more = {
            "from": UTCDateTimeField(required=False, help_text="Created at this time or later."),
            "to": UTCDateTimeField(required=False, help_text="Created before this time."),
        }
        return {**super().get_fields(), **more}

    def _filters_nothing(self, name: str, value: Any) -> bool:
        # Here `all` is a period.
        return name in self.fields and value == ""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        is_custom = attrs["period"] == "custom"
        for name in ("from", "to"):
            if is_custom and name not in attrs:
                raise serializers.ValidationError({name: "Required with period=custom."})
            if not is_custom and name in attrs:
                raise serializers.ValidationError({name: "Only with period=custom."})
        if is_custom and attrs["from"] >= attrs["to"]:
            raise serializers.ValidationError({"from": "It must be before `to`."})
        return attrs


def _counts(what: str, names: Iterable[str]) -> dict[str, serializers.Field]:
    return {name: serializers.IntegerField(help_text=what.format(name)) for name in names}


class MomentField(serializers.DateTimeField):
    """A time of any year: `strftime` writes those before 1000 with fewer digits."""

    def to_representation(self, value: Any) -> str | None:  # type: ignore[override]
        return instant(value) if value else None


class RangeSerializer(serializers.Serializer):
    def get_fields(self) -> dict[str, serializers.Field]:
        return {
            "from": MomentField(
                allow_null=True,
                help_text="Null: all there are. Later than asked for a restricted key with many "
                "posts.",
            ),
            "to": MomentField(help_text="Posts created from then on are left out."),
        }


class SummarySerializer(serializers.Serializer):
    period = serializers.ChoiceField(choices=list(PERIODS))
    range = RangeSerializer(help_text="When the posts were created.")
    posts = inline_serializer(
        "PostCounts", _counts("Posts: {}.", ["total", *map(summary.word, Post.Status)])
    )
    by_platform = inline_serializer(
        "PlatformCounts",
        {
            "platform": serializers.CharField(),
            **_counts("Destinations: {}.", ["total", *summary.TOLD]),
        },
        many=True,
    )
    metrics = inline_serializer(
        "MetricSums", _counts("{}, over all networks that tell them.", NAMES)
    )
    metrics_available = serializers.ListField(
        child=serializers.CharField(),
        help_text="The networks whose numbers are in `metrics`.",
    )
    accounts = inline_serializer(
        "AccountFollowers",
        {
            "account_id": serializers.IntegerField(),
            "platform": serializers.CharField(),
            "followers": serializers.IntegerField(help_text="At the end of the period."),
            "change_in_period": serializers.IntegerField(
                allow_null=True, help_text="Null until they were counted twice."
            ),
        },
        many=True,
        help_text="How many follow each account whose network was asked.",
    )
    ai_credits = inline_serializer(
        "PeriodCredits",
        {
            "used_this_period": serializers.IntegerField(help_text="Spent by the workspace."),
            "bonus": serializers.IntegerField(help_text="Always 0."),
        },
    )


GET_ANALYTICS_SUMMARY = Tool(
    title="Count posts and outcomes",
    description="Count the posts created in a period, and their destinations, by what they are "
    "now; for one campaign if given.",
)


class AnalyticsSummary(APIView):
    @tools(GET_ANALYTICS_SUMMARY)
    @extend_schema(
        operation_id="get_analytics_summary",
        parameters=[SummaryQuery],
        responses=SummarySerializer,
    )
    @options(may_lag=True, reads_query=True)
    def get(self, request: Request) -> Response:
        """Count the posts created in a period, and their destinations, by what they are now.

        Exact, and without deleted posts. A restricted key counts what it sees. If it sees many, its
        range begins no earlier than with the newest 35,000 posts of the workspace.
        """
        asked = read(SummaryQuery, request.query_params.dict())
        now, period = clock.now(), asked["period"]
        ago = PERIODS[period]
        window = TallyWindow(asked.get("from", ago and now - ago), asked.get("to", now))
        reach, campaign_id = reach_of(request), asked.get("campaign_id")
        window = tallies.bounded(reach, window, campaign_id)
        found = summary.of(reach, window, campaign_id)
        shown = {
            "period": period,
            "range": {"from": window.start, "to": window.end},
            **asdict(found),
            "ai_credits": {"used_this_period": _credits(request, window), "bonus": 0},
        }
        return Response(SummarySerializer(shown).data)


def _credits(request: Request, window: TallyWindow) -> int:
    """Return the credits that the workspace has spent in the window, by all keys and campaigns."""
    return me.credits_used(workspace_of(request), window.start or BEGINNING, window.end)


SHARED = [path("analytics/summary", AnalyticsSummary.as_view())]
