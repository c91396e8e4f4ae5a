"""Link settings and a post's short links over HTTP."""

import re
from typing import Any

from django.db.models import Sum
from django.db.models.functions import Coalesce
from django.urls import path
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from destinations.access import Reach
from posts.api.auth import reach_of, workspace_of
from posts.api.endpoints import Arguments, Json, Tool, tools
from posts.api.resources import find_post
from posts.api.serializers.fields import FlagField, StrictListField, StrictSerializer, TextField
from posts.api.serializers.resources import ChangesSerializer, answer, read
from posts.errors import known
from posts.features.links import rules, short_links
from posts.features.links.models import ShortLink
from posts.read_models import queries

_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
PUBLIC = [path("l/<str:code>", short_links.follow)]


class DomainField(TextField):
    """A host name in lower case, in ASCII."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=253, **options)

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data).strip().lower()
        try:
            name = text.encode("idna").decode()
        except UnicodeError:
            name = ""
        if not _DOMAIN.fullmatch(name):
            raise serializers.ValidationError("Write a domain such as example.com.")
        return name


class UtmValueField(TextField):
    def __init__(self, name: str) -> None:
        super().__init__(
            required=False,
            allow_blank=True,
            max_length=200,
            help_text=f"The value of utm_{name}; blank or absent: it is not added.",
        )

    def to_internal_value(self, data: Any) -> str:
        value = super().to_internal_value(data).strip()
        if unknown := rules.unknown_placeholders(value):
            names = ", ".join(f"{{{name}}}" for name in rules.PLACEHOLDERS)
            raise serializers.ValidationError(
                f"{{{unknown[0]}}} is unknown; a value may have {names}."
            )
        return value


class UtmSerializer(StrictSerializer):
    """Values may have {platform}, {account}, {campaign} and {post_id}."""

    source = UtmValueField("source")  # type: ignore[assignment]
    medium = UtmValueField("medium")
    campaign = UtmValueField("campaign")
    term = UtmValueField("term")
    content = UtmValueField("content")

    def to_internal_value(self, data: Any) -> Any:
        values = super().to_internal_value(data)
        return {name: value for name, value in values.items() if value}


class LinkSettingsBodySerializer(ChangesSerializer):
    domains = StrictListField(
        child=DomainField(),
        max_length=100,
        required=False,
        allow_empty=True,
        help_text="Links to these domains, and below them, get UTM parameters; others stay.",
    )
    utm = UtmSerializer(required=False, help_text="UTM parameters; a link keeps those it has.")
    shorten = FlagField(
        required=False, help_text="Whether posts that do not say get short links; default false."
    )

    def validate_domains(self, value: list[str]) -> list[str]:
        return list(dict.fromkeys(value))

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        values = super().validate(attrs)
        return {name: dict(value) if name == "utm" else value for name, value in values.items()}


class ShownUtmSerializer(serializers.Serializer):
    """Those that are set."""

    source = serializers.CharField(required=False, help_text="utm_source")  # type: ignore[assignment]
    medium = serializers.CharField(required=False, help_text="utm_medium")
    campaign = serializers.CharField(required=False, help_text="utm_campaign")
    term = serializers.CharField(required=False, help_text="utm_term")
    content = serializers.CharField(required=False, help_text="utm_content")

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return {name: instance[name] for name in rules.UTM if name in instance}


class LinkSettingsSerializer(serializers.Serializer):
    domains = serializers.ListField(
        child=serializers.CharField(), help_text="Whose links get parameters."
    )
    utm = ShownUtmSerializer(help_text="The parameters.")
    shorten = serializers.BooleanField(help_text="Whether posts that do not say get short links.")
    is_own = serializers.BooleanField(
        help_text="Whether they were set here; false: for a campaign those of the workspace, for "
        "a workspace nothing is done."
    )


class ShortLinkSerializer(serializers.Serializer):
    short_url = serializers.CharField(help_text="What the post has.")
    url = serializers.CharField(help_text="Where it leads.")
    account_id = serializers.IntegerField(source="account_number")
    platform = serializers.CharField()
    clicks = serializers.IntegerField(help_text="How often people followed it.")
    bot_clicks = serializers.IntegerField(help_text="How often crawlers and previews did.")


ShortLinkListSerializer = answer(
    "ShortLinkList",
    links=ShortLinkSerializer(many=True, help_text="Of each account, in the order of the texts."),
)


class LinkSettings(APIView):
    """Settings of the workspace, or of a campaign."""

    @extend_schema(operation_id="get_link_settings", responses=LinkSettingsSerializer)
    def get(self, request: Request, campaign_id: str = "") -> Response:
        """Read what is done to links in posts."""
        return _shown(request, _campaign(request, campaign_id))

    @extend_schema(
        operation_id="edit_link_settings",
        request=LinkSettingsBodySerializer,
        responses=LinkSettingsSerializer,
    )
    def patch(self, request: Request, campaign_id: str = "") -> Response:
        """Say what is done to links in posts that are created or changed from now on.

        Only what changes; `utm` is replaced as a whole. It takes effect within five seconds. Posts
        that are scheduled keep the links they have.
        """
        campaign = _campaign(request, campaign_id)
        _require_all_accounts(request)
        values = read(LinkSettingsBodySerializer, request.data)
        rules.save(workspace_of(request), campaign, values)
        return _shown(request, campaign)

    @extend_schema(operation_id="delete_link_settings", responses={200: LinkSettingsSerializer})
    def delete(self, request: Request, campaign_id: str = "") -> Response:
        """Leave links as they are."""
        campaign = _campaign(request, campaign_id)
        _require_all_accounts(request)
        rules.delete(workspace_of(request), campaign)
        return _shown(request, campaign)


@extend_schema_view(
    get=extend_schema(
        operation_id="get_campaign_link_settings",
        description="Read what is done to links in the posts of a campaign.",
    ),
    patch=extend_schema(
        operation_id="edit_campaign_link_settings",
        description="Say what is done to links in the posts of a campaign, instead of the "
        "workspace's.\n\nOnly what changes. Settings of its own begin with nothing.",
    ),
    delete=extend_schema(
        operation_id="delete_campaign_link_settings",
        description="Have the campaign follow the workspace's settings again.",
    ),
)
class CampaignLinkSettings(LinkSettings):
    pass


def _after_links(arguments: Arguments, answer: Json) -> str:
    if answer["data"]["links"]:
        return ""
    return "It has no short links: a post gets them with shorten_links, or by the link settings."


LIST_POST_LINKS = Tool(
    description="List a post's short links: where each leads, and how often it was followed.",
    next_step=_after_links,
)


class PostLinks(APIView):
    @tools(LIST_POST_LINKS)
    @extend_schema(operation_id="list_post_links", responses=ShortLinkListSerializer)
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
        return Response(ShortLinkListSerializer({"links": links}).data)


def _campaign(request: Request, campaign_id: str) -> int | None:
    """Return the campaign that the path names; None: the settings are the workspace's."""
    if not campaign_id:
        return None
    found = queries.campaigns(workspace_of(request)).filter(pk=int(campaign_id)).first()
    return known(found, "campaign").pk


def _require_all_accounts(request: Request) -> None:
    if reach_of(request).only is not None:
        raise PermissionDenied(
            "This key is restricted to some accounts. Link settings concern all posts of the "
            "workspace; use a key without a restriction."
        )


def _shown(request: Request, campaign_id: int | None) -> Response:
    workspace_id = workspace_of(request)
    own = rules.find(workspace_id, campaign_id)
    found = own or rules.find(workspace_id, None)
    shown = {
        "domains": found.domains if found else [],
        "utm": found.utm if found else {},
        "shorten": bool(found and found.shorten),
        "is_own": own is not None,
    }
    return Response(LinkSettingsSerializer(shown).data)


SHARED = [
    path("link-settings", LinkSettings.as_view()),
    path("campaigns/<campaign:campaign_id>/link-settings", CampaignLinkSettings.as_view()),
    path("posts/<post:post_id>/links", PostLinks.as_view()),
]
