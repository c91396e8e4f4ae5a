"""The `insights` edges of the simulated Graph APIs. Call: insights.

Source: Instagram Platform, "Media Insights"; Threads API, "Insights" (read 2026-11-26).
"""

from abc import abstractmethod
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deploy.simulator.meta.containers import ContainerNetwork
from deploy.simulator.meta.graph import GraphError
from deploy.simulator.network import call
from deploy.simulator.state.records import Account, Post


class ContainerInsights(ContainerNetwork):
    @abstractmethod
    def insight_values(self, post: Post) -> Mapping[str, int]:
        """The metrics of a post by their names. Raises GraphError."""

    @call("insights")
    async def insights(self, request: Request, account: Account) -> Response:
        self.need(request, "insights")
        return answer(request, self.insight_values(self.named_post(request, account)))


def answer(request: Request, values: Mapping[str, int]) -> Response:
    """The metrics that are asked for. Raises GraphError for one that is not known."""
    names = request.query_params.get("metric", "").split(",")
    for name in names:
        if name not in values:
            message = f"metric must be one of the following values: {', '.join(values)}"
            raise GraphError(100, message)
    entries = [
        {"name": name, "period": "lifetime", "values": [{"value": values[name]}]} for name in names
    ]
    return JSONResponse({"data": entries})
