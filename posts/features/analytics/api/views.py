"""Analytics over HTTP."""

from dataclasses import asdict

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from destinations.runtime import clock
from posts.api.auth import reach_of, workspace_of
from posts.api.endpoints import options
from posts.api.serializers.validated import read
from posts.features.ai import ledger
from posts.features.analytics import summary
from posts.features.analytics.api.serializers import PERIODS, SummaryQuery, SummarySerializer
from posts.features.analytics.counting import BEGINNING
from posts.features.analytics.tallies import TallyWindow


class AnalyticsSummary(APIView):
    @extend_schema(
        operation_id="get_analytics_summary",
        parameters=[SummaryQuery],
        responses=SummarySerializer,
    )
    @options(may_lag=True, reads_query=True)
    def get(self, request: Request) -> Response:
        """Count the posts created in a period, and their destinations, by what they are now.

        Exact, and without deleted posts. A restricted key counts what it sees.
        """
        asked = read(SummaryQuery, request.query_params.dict())
        now, period = clock.now(), asked["period"]
        ago = PERIODS[period]
        window = TallyWindow(asked.get("from", ago and now - ago), asked.get("to", now))
        found = summary.of(reach_of(request), window, asked.get("campaign_id"))
        shown = {
            "period": period,
            "range": {"from": window.start, "to": window.end},
            **asdict(found),
            "ai_credits": {"used_this_period": _credits(request, window), "bonus": 0},
        }
        return Response(SummarySerializer(shown).data)


def _credits(request: Request, window: TallyWindow) -> int:
    """What the workspace has spent in the window, whichever key or campaign is asked about."""
    return ledger.used_since(workspace_of(request), window.start or BEGINNING, window.end)
