"""LinkedIn's numbers of an organization. Calls: share_statistics, network_size.

Source: Microsoft Learn, "Organization Share Statistics", "Organization Network Size"
(read 2026-11-26).
"""

import re
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.simulator.linkedin.oauth import LinkedInIdentity
from deploy.simulator.linkedin.rest import rest
from deploy.simulator.linkedin.rules import denied, invalid
from deploy.simulator.network import Refused
from deploy.simulator.state import records
from deploy.simulator.state.records import Account, Post

NAMES = {"shares": "share", "ugcPosts": "ugcPost"}


class LinkedInStatistics(LinkedInIdentity):
    def statistics_routes(self) -> list[Route]:
        return [
            Route("/rest/organizationalEntityShareStatistics", self.share_statistics),
            Route("/rest/networkSizes/{urn}", self.network_size),
        ]

    @rest("share_statistics")
    async def share_statistics(self, request: Request, account: Account) -> Response:
        query = request.query_params
        page = self._administered(request, account, query.get("organizationalEntity", ""))
        if "q" not in query:
            raise Refused(invalid("q is not organizationalEntity."))
        elements = [
            self._statistics(post, name)
            for parameter, name in NAMES.items()
            for urn in _listed(request, parameter)
            if (post := self.store.post(self.key, urn)) and post.account == page.id
        ]
        return JSONResponse({"elements": elements, "paging": {"start": 0, "count": len(elements)}})

    @rest("network_size")
    async def network_size(self, request: Request, account: Account) -> Response:
        page = self._administered(request, account, request.path_params["urn"])
        if request.query_params.get("edgeType") != "COMPANY_FOLLOWED_BY_MEMBER":
            raise Refused(invalid("edgeType"))
        return JSONResponse({"firstDegreeSize": records.followers(page.id, self.store.now())})

    def _administered(self, request: Request, account: Account, urn: str) -> Account:
        """The organization, if the caller administers it. Raises Refused."""
        page = self.organization(urn)
        is_admin = page and (page.id == account.id or self.role(page, account) == "ADMINISTRATOR")
        if page is None or not is_admin or not self.may_administer(request):
            raise Refused(denied("FINDER-organizationalEntity", "organizationalEntityStatistics"))
        return page

    def _statistics(self, post: Post, name: str) -> dict[str, Any]:
        numbers = self.numbers(post)
        counts = {
            "impressionCount": numbers.impressions,
            "uniqueImpressionsCount": numbers.views,
            "clickCount": numbers.clicks,
            "likeCount": numbers.likes,
            "commentCount": numbers.comments,
            "shareCount": numbers.shares,
        }
        return {name: post.id, "totalShareStatistics": counts}


def _listed(request: Request, parameter: str) -> list[str]:
    """The URNs of a Rest.li list, which must be encoded one by one. Raises Refused."""
    found = re.search(rf"(?:^|&){parameter}=([^&]*)", request.url.query)
    if not found:
        return []
    listed = re.fullmatch(r"List\(([^()]+)\)", found[1])
    if not listed or ":" in listed[1]:
        raise Refused(invalid(f"{parameter} is no List of encoded URNs."))
    urns = [unquote(urn) for urn in listed[1].split(",")]
    if not all(urn.startswith(f"urn:li:{NAMES[parameter]}:") for urn in urns):
        raise Refused(invalid(f"{parameter} holds a URN of another type."))
    return urns
