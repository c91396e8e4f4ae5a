"""Show what each platform accepts, from the limits that posts are validated with.

The names are camelCase, as in the hosted service.
"""

from dataclasses import asdict
from functools import lru_cache
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from platforms.adapter import Adapter
from platforms.drafts import Draft
from platforms.limits import DocumentRule, ImageRule, Limits, VideoRule
from platforms.registry import ADAPTERS
from posts.api.endpoints import Arguments, Json, Tool, tools
from posts.media.uploads import TYPES
from posts.models import Media


class PlatformMediaSerializer(serializers.Serializer):
    video = serializers.DictField(allow_null=True)
    image = serializers.DictField(allow_null=True)
    document = serializers.DictField(allow_null=True)
    maxItems = serializers.IntegerField(help_text="How many files a post may have.")  # noqa: N815
    required = serializers.BooleanField()  # type: ignore[assignment]
    mixed = serializers.BooleanField(help_text="Whether images and videos may be mixed.")


class PlatformRuleSerializer(serializers.Serializer):
    name = serializers.CharField()
    characterLimit = serializers.IntegerField(help_text="The longest text.")  # noqa: N815
    characterUnit = serializers.CharField()  # noqa: N815
    media = PlatformMediaSerializer(help_text="The rules for files.")
    features = serializers.ListField(child=serializers.CharField())
    contentTypes = serializers.ListField(child=serializers.CharField())  # noqa: N815
    mediaByContentType = serializers.DictField(child=PlatformMediaSerializer())  # noqa: N815
    options = serializers.DictField(help_text="JSON Schema of platform_content.<name>.settings.")


class PlatformsSerializer(serializers.Serializer):
    platforms = serializers.DictField(child=PlatformRuleSerializer())


#: Rules change only with a release.
CACHE_SECONDS = 3600
#: What customers read for a rule's field, if that is not its name in camel case.
NAMES = {"min_fps": "minFramesPerSecond", "max_fps": "maxFramesPerSecond"}
#: The files that are converted to what a rule accepts.
KINDS = {ImageRule: Media.Kind.IMAGE, VideoRule: Media.Kind.VIDEO}


def _of_one(arguments: Arguments, answer: Json) -> Json:
    """Return the rules of one network: all are 60 KB, which no agent wants to read."""
    name = arguments["platform"]
    return {**answer, "data": {"platforms": {name: answer["data"]["platforms"][name]}}}


GET_PLATFORM_RULES = Tool(
    title="Get a network's rules",
    description="Read what a network accepts: length of texts, number, size and kind of files, "
    "and its options for platform_content. validate_post checks a post against all of it.",
    own={
        "platform": {"type": "string", "enum": list(ADAPTERS), "description": "Which network."},
    },
    shown=_of_one,
)


class PlatformRules(APIView):
    @tools(GET_PLATFORM_RULES)
    @extend_schema(operation_id="get_platform_rules", responses=PlatformsSerializer)
    def get(self, request: Request) -> Response:
        """List every platform's limits, options and post types."""
        headers = {"Cache-Control": f"private, max-age={CACHE_SECONDS}"}
        return Response({"platforms": described()}, headers=headers)


@lru_cache(maxsize=1)
def described() -> dict[str, dict[str, Any]]:
    """{platform: its rules}; 0 and null mean: no limit.

    Files of `convertedContentTypes` are accepted too, and converted.
    """
    return {key: _platform(adapter) for key, adapter in ADAPTERS.items()}


def _platform(adapter: Adapter) -> dict[str, Any]:
    limits = adapter.limits
    return {
        "name": adapter.name,
        "characterLimit": limits.text_chars,
        "characterUnit": limits.text_unit,
        "media": _media(limits),
        "features": list(adapter.features),
        "contentTypes": list(adapter.post_types),
        "mediaByContentType": {
            word: _media(adapter.limits_for(Draft("", post_type=word)))
            for word in adapter.post_types
        },
        "options": {
            "type": "object",
            "additionalProperties": False,
            "properties": {option.name: option.schema() for option in adapter.options},
        },
    }


def _media(limits: Limits) -> dict[str, Any]:
    return {
        "video": _rule(limits.video),
        "image": _rule(limits.image),
        "document": _rule(limits.document),
        "maxItems": limits.media_items,
        "required": limits.media_required,
        "mixed": limits.mixes,
    }


def _rule(rule: ImageRule | VideoRule | DocumentRule | None) -> dict[str, Any] | None:
    """All that the rule says. A portrait video may swap width and height if `eitherWayUp`."""
    if rule is None:
        return None
    told = {NAMES.get(name) or _camel_case(name): value for name, value in asdict(rule).items()}
    kind = KINDS.get(type(rule))
    if kind:
        told["convertedContentTypes"] = [
            content_type
            for content_type, accepted in TYPES.items()
            if accepted.kind == kind and content_type not in rule.content_types
        ]
    return told


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.title() for word in others)
