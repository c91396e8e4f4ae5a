"""What each platform accepts, from the limits that posts are validated with."""

from functools import lru_cache
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from platforms.adapter import Adapter
from platforms.drafts import Draft
from platforms.limits import DocumentRule, ImageRule, Limits, VideoRule
from platforms.registry import ADAPTERS
from posts.api.serializers.platform_rules import PlatformsSerializer
from posts.media.uploads import TYPES
from posts.models import Media

#: Rules change only with a release.
CACHE_SECONDS = 3600


class PlatformRules(APIView):
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
        "video": _video(limits.video) if limits.video else None,
        "image": _image(limits.image) if limits.image else None,
        "document": _document(limits.document) if limits.document else None,
        "maxItems": limits.media_items,
        "required": limits.media_required,
        "mixed": limits.mixes,
    }


def _frame(kind: Media.Kind, rule: ImageRule | VideoRule) -> dict[str, Any]:
    return {
        "contentTypes": list(rule.content_types),
        "convertedContentTypes": [
            content_type
            for content_type, accepted in TYPES.items()
            if accepted.kind == kind and content_type not in rule.content_types
        ],
        "maxBytes": rule.max_bytes,
        "minWidth": rule.min_width,
        "minHeight": rule.min_height,
        "maxWidth": rule.max_width,
        "maxHeight": rule.max_height,
        "minRatio": rule.min_ratio,
        "maxRatio": rule.max_ratio,
        "altTextChars": rule.alt_text_chars,
    }


def _image(rule: ImageRule) -> dict[str, Any]:
    return {
        **_frame(Media.Kind.IMAGE, rule),
        "maxPixels": rule.max_pixels,
        "maxFrames": rule.max_frames,
    }


def _video(rule: VideoRule) -> dict[str, Any]:
    return {
        **_frame(Media.Kind.VIDEO, rule),
        # An upright video may be as high as `maxWidth`, and as wide as `maxHeight`.
        "eitherWayUp": rule.either_way_up,
        "minBytes": rule.min_bytes,
        "minSeconds": rule.min_seconds,
        "maxSeconds": rule.max_seconds,
        "minFramesPerSecond": rule.min_fps,
        "maxFramesPerSecond": rule.max_fps,
        "videoCodecs": list(rule.video_codecs),
        "audioCodecs": list(rule.audio_codecs),
        "indexFirst": rule.index_first,
    }


def _document(rule: DocumentRule) -> dict[str, Any]:
    return {
        "contentTypes": list(rule.content_types),
        "maxBytes": rule.max_bytes,
        "maxPages": rule.max_pages,
    }
