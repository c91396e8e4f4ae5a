"""Campaigns over HTTP."""

from collections.abc import Collection
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from posts.api.auth import reach_of, workspace_of
from posts.api.endpoints import options
from posts.api.pagination import page
from posts.api.serializers.validated import read
from posts.features.campaigns import campaigns, counts
from posts.features.campaigns.api.serializers import (
    CampaignListSerializer,
    CampaignPageSerializer,
    CampaignQuery,
    CampaignSerializer,
    CreateCampaignSerializer,
    DeletedCampaignSerializer,
    EditCampaignSerializer,
)
from posts.models import Campaign


class CampaignViewSet(ViewSet):
    lookup_url_kwarg = "campaign_id"
    lookup_value_converter = "campaign"

    @extend_schema(
        operation_id="list_campaigns", parameters=[CampaignQuery], responses=CampaignListSerializer
    )
    @options(may_lag=True, reads_query=True)
    def list(self, request: Request) -> Response:
        """List campaigns, newest first."""
        asked = read(CampaignQuery, request.query_params.dict())
        found = campaigns.listed(workspace_of(request), asked.get("status"))
        rows, meta = page(found, asked)
        pagination = CampaignPageSerializer(meta["pagination"]).data
        return Response({"campaigns": _shown(request, rows), "pagination": pagination})

    @extend_schema(
        operation_id="create_campaign",
        request=CreateCampaignSerializer,
        responses={201: CampaignSerializer},
    )
    def create(self, request: Request) -> Response:
        """Create a campaign. Posts are put into it by `campaign_id`."""
        values = read(CreateCampaignSerializer, request.data)
        made = campaigns.create(workspace_of(request), values)
        return Response(_shown(request, [made])[0], status=201)

    @extend_schema(operation_id="get_campaign", responses=CampaignSerializer)
    def retrieve(self, request: Request, campaign_id: str) -> Response:
        """Read one campaign."""
        found = campaigns.find(workspace_of(request), int(campaign_id))
        return Response(_shown(request, [found])[0])

    @extend_schema(
        operation_id="edit_campaign", request=EditCampaignSerializer, responses=CampaignSerializer
    )
    def partial_update(self, request: Request, campaign_id: str) -> Response:
        """Change a campaign: at least one field."""
        reach, number = reach_of(request), int(campaign_id)
        campaigns.find(reach.workspace_id, number)
        changes = read(EditCampaignSerializer, request.data)
        changed = campaigns.edit(reach, number, changes)
        return Response(_shown(request, [changed])[0])

    @extend_schema(operation_id="delete_campaign", responses={200: DeletedCampaignSerializer})
    def destroy(self, request: Request, campaign_id: str) -> Response:
        """Delete a campaign; its posts stay, in no campaign. Its id is never used again."""
        campaigns.delete(reach_of(request), int(campaign_id))
        return Response({"id": int(campaign_id), "deleted": True})


def _shown(request: Request, rows: Collection[Campaign]) -> Any:
    context = {"counts": counts.of(reach_of(request), rows)}
    return CampaignSerializer(rows, many=True, context=context).data
