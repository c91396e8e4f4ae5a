"""Link settings, a post's short links, and following one."""

from typing import Any

from django.db.models import Sum
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from destinations.access import Reach
from posts.api.auth import reach_of, workspace_of
from posts.api.lookup import find_post
from posts.api.serializers.posts.parts import links as shapes
from posts.api.serializers.validated import read
from posts.features.campaigns import campaigns
from posts.features.links import rules, short
from posts.features.links.clicks import counting, is_bot
from posts.features.links.models import ShortLink


class LinkSettings(APIView):
    """Of the workspace, or of a campaign."""

    @extend_schema(operation_id="get_link_settings", responses=shapes.LinkSettingsSerializer)
    def get(self, request: Request) -> Response:
        """Read what is done to links in posts."""
        return Response(_shown(request, None))

    @extend_schema(
        operation_id="edit_link_settings",
        request=shapes.LinkSettingsBodySerializer,
        responses=shapes.LinkSettingsSerializer,
    )
    def patch(self, request: Request) -> Response:
        """Say what is done to links in posts that are created or changed from now on.

        Only what changes; `utm` is replaced as a whole. It takes effect within five seconds. Posts
        that are scheduled keep the links they have.
        """
        return _edit(request, None)

    @extend_schema(
        operation_id="delete_link_settings", responses={200: shapes.LinkSettingsSerializer}
    )
    def delete(self, request: Request) -> Response:
        """Leave links as they are."""
        return _delete(request, None)


class CampaignLinkSettings(APIView):
    @extend_schema(
        operation_id="get_campaign_link_settings", responses=shapes.LinkSettingsSerializer
    )
    def get(self, request: Request, campaign_id: str) -> Response:
        """Read what is done to links in the posts of a campaign."""
        return Response(_shown(request, _campaign(request, campaign_id)))

    @extend_schema(
        operation_id="edit_campaign_link_settings",
        request=shapes.LinkSettingsBodySerializer,
        responses=shapes.LinkSettingsSerializer,
    )
    def patch(self, request: Request, campaign_id: str) -> Response:
        """Say what is done to links in the posts of a campaign, instead of the workspace's.

        Only what changes. Settings of its own begin with nothing.
        """
        return _edit(request, _campaign(request, campaign_id))

    @extend_schema(
        operation_id="delete_campaign_link_settings", responses={200: shapes.LinkSettingsSerializer}
    )
    def delete(self, request: Request, campaign_id: str) -> Response:
        """Have the campaign follow the workspace's settings again."""
        return _delete(request, _campaign(request, campaign_id))


class PostLinks(APIView):
    @extend_schema(operation_id="list_post_links", responses=shapes.ShortLinkListSerializer)
    def get(self, request: Request, post_id: str) -> Response:
        """List a post's short links, with their clicks."""
        post = find_post(request, post_id)
        reach: Reach = reach_of(request)
        found = ShortLink.objects.filter(post_id=post.pk).annotate(
            clicks=Coalesce(Sum("days__clicks"), 0), bot_clicks=Coalesce(Sum("days__bots"), 0)
        )
        if reach.only is not None:
            found = found.filter(account_number__in=reach.only)
        links = [
            {
                "short_url": rules.short_url(row.code),
                "url": row.url,
                "account_number": row.account_number,
                "platform": row.platform,
                "clicks": row.clicks,
                "bot_clicks": row.bot_clicks,
            }
            for row in found.order_by("account_number", "created_at", "code")
        ]
        return Response(shapes.ShortLinkListSerializer({"links": links}).data)


@require_safe
def follow(request: HttpRequest, code: str) -> HttpResponse:
    """Lead to where a short link goes. It is counted; nothing of the visitor is kept."""
    url = short.target(code)
    if url is None:
        raise Http404
    if request.method == "GET":
        counting.add(code, is_bot=is_bot(request.META))
    answer = HttpResponseRedirect(url)
    # Each click is to be counted, and the target must not learn of our address.
    answer["Cache-Control"] = "no-store"
    answer["Referrer-Policy"] = "no-referrer"
    return answer


def _campaign(request: Request, campaign_id: str) -> int:
    return campaigns.find(workspace_of(request), int(campaign_id)).pk


def _edit(request: Request, campaign_id: int | None) -> Response:
    _require_all_accounts(request)
    values = read(shapes.LinkSettingsBodySerializer, request.data)
    rules.save(workspace_of(request), campaign_id, values)
    return Response(_shown(request, campaign_id))


def _delete(request: Request, campaign_id: int | None) -> Response:
    _require_all_accounts(request)
    rules.delete(workspace_of(request), campaign_id)
    return Response(_shown(request, campaign_id))


def _require_all_accounts(request: Request) -> None:
    if reach_of(request).only is not None:
        raise PermissionDenied(
            "This key is restricted to some accounts. Link settings concern all posts of the "
            "workspace; use a key without a restriction."
        )


def _shown(request: Request, campaign_id: int | None) -> Any:
    workspace_id = workspace_of(request)
    own = rules.find(workspace_id, campaign_id)
    found = own or rules.find(workspace_id, None)
    shown = {
        "domains": found.domains if found else [],
        "utm": found.utm if found else {},
        "shorten": bool(found and found.shorten),
        "is_own": own is not None,
    }
    return shapes.LinkSettingsSerializer(shown).data
