"""Captions and images by the installation's AI provider."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from posts.api.auth import author, workspace_of
from posts.api.endpoints import ReplayPolicy, options
from posts.api.serializers.validated import read
from posts.features.ai import generate
from posts.features.ai.api.serializers import (
    GenerateCaptionSerializer,
    GeneratedCaptionsSerializer,
    GeneratedImageSerializer,
    GenerateImageSerializer,
)
from posts.features.ai.captions import CaptionRequest
from posts.models import ApiKey

# Clients send a call again that took long. The same call within this time is answered as one, so
# that it is neither made nor paid twice.
ai_call = options(
    replay=ReplayPolicy.AFTER_WORK,
    costs={"ai": 1},
    collapse_seconds=300,
    scope=ApiKey.Scope.AI,
)


class GenerateImage(APIView):
    @extend_schema(
        operation_id="generate_image",
        request=GenerateImageSerializer,
        responses={201: GeneratedImageSerializer},
    )
    @ai_call
    def post(self, request: Request) -> Response:
        """Draw an image and store it in the library. It is `ready`: use its id in `media_ids`."""
        wanted = read(GenerateImageSerializer, request.data)
        media, cost, remaining = generate.draw_image(
            workspace_of(request), **wanted, by=author(request).by
        )
        shown = {
            "media_id": media.pk,
            "model": wanted["model"],
            "aspect_ratio": wanted["aspect_ratio"],
            "credits_used": cost,
            "credits_remaining": remaining,
            "message": "Image generated; use media_id in media_ids of a post.",
        }
        return Response(GeneratedImageSerializer(shown).data, status=201)


class GenerateCaption(APIView):
    @extend_schema(
        operation_id="generate_caption",
        request=GenerateCaptionSerializer,
        responses=GeneratedCaptionsSerializer,
    )
    @ai_call
    def post(self, request: Request) -> Response:
        """Write captions about a topic. Nothing is posted."""
        values = read(GenerateCaptionSerializer, request.data)
        wanted = CaptionRequest(**values)
        written, cost, remaining = generate.write_captions(
            workspace_of(request), wanted, by=author(request).by
        )
        shown: dict[str, Any] = {
            "captions": written,
            "platform": wanted.platform or None,
            "tone": wanted.tone,
            "length": wanted.length,
            "count_requested": wanted.count,
            "count_returned": len(written),
            "credits_used": cost,
            "credits_remaining": remaining,
        }
        return Response(GeneratedCaptionsSerializer(shown).data)
