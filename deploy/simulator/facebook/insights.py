"""What a simulated Page's posts and videos say of themselves, and their insights.

Source: Graph API, "Page Post", "Video", "Page Insights" (read 2026-11-26); that the counts of
reactions and comments need pages_read_user_content, as seen by others.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from deploy.simulator import engagement
from deploy.simulator.engagement import Numbers
from deploy.simulator.facebook.page import FacebookPages
from deploy.simulator.meta import insights
from deploy.simulator.meta.graph import GraphError
from deploy.simulator.network import call
from deploy.simulator.records import Account

COUNTED = ("reactions", "likes", "comments")


class FacebookInsights(FacebookPages):
    @call("post_insights")
    async def post_insights(self, request: Request, account: Account) -> Response:
        self.allow(request, account, "pages_read_engagement", "read_insights")
        post_id = request.path_params["post"]
        numbers = self._numbers(post_id, account)
        values = {"post_media_view": numbers.views, "post_clicks": numbers.clicks}
        return insights.answer(request, values)

    def counts(self, request: Request, object_id: str, account: Account) -> dict[str, Any]:
        """The fields that count. Raises GraphError without the permission for those asked for."""
        asked, token = request.query_params.get("fields", ""), self.token(request)
        counted = any(f"{name}." in asked for name in COUNTED)
        if counted and not (token and token.allows("pages_read_user_content")):
            message = "This endpoint requires the 'pages_read_user_content' permission"
            raise GraphError(10, message, status=403)
        try:
            numbers = self._numbers(object_id, account)
        except GraphError:
            return dict.fromkeys(("shares", "views", *COUNTED))
        likes = {"data": [], "summary": {"total_count": numbers.likes}}
        comments = {"data": [], "summary": {"total_count": numbers.comments}}
        shared = {"shares": {"count": numbers.shares}, "views": numbers.views}
        return {**shared, "reactions": likes, "likes": likes, "comments": comments}

    def _numbers(self, object_id: str, account: Account) -> Numbers:
        post = self.store.post(self.key, object_id)
        if post is None or post.account != account.id:
            raise self.missing()
        return engagement.of_post(post.id, self.store.now() - post.created_at)
