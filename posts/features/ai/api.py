"""Captions and images by the installation's AI provider."""

from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from platforms.registry import ADAPTERS, ALIASES
from posts.api.auth import author, workspace_of
from posts.api.endpoints import ReplayPolicy, options
from posts.api.serializers.fields import FlagField, NumberField, StrictSerializer, TextField
from posts.api.serializers.resources import read
from posts.features.ai import captions, generate
from posts.features.ai.captions import CaptionRequest
from posts.models import ApiKey

REMAINING = "What is left this month; 1,000,000 where there is no limit."


class GenerateImageSerializer(StrictSerializer):
    prompt = TextField(max_length=2000, help_text="What the image shows.")
    model = serializers.ChoiceField(
        list(generate.MODELS),
        default=generate.DEFAULT_MODEL,
        help_text="Decides the credits. The operator decides what really draws.",
    )
    aspect_ratio = serializers.ChoiceField(
        list(generate.ASPECT_RATIOS), default="1:1", help_text="Width to height."
    )


class GeneratedImageSerializer(serializers.Serializer):
    media_id = serializers.UUIDField()
    model = serializers.CharField(help_text="As asked for.")
    aspect_ratio = serializers.CharField(help_text="As asked for.")
    credits_used = serializers.IntegerField(help_text="What it cost.")
    credits_remaining = serializers.IntegerField(help_text=REMAINING)
    message = serializers.CharField()


class GenerateCaptionSerializer(StrictSerializer):
    topic = TextField(max_length=1000, help_text="What the captions are about.")
    platform = serializers.ChoiceField(
        [*ADAPTERS, *ALIASES],
        required=False,
        help_text="Each caption fits its limit; absent: any platform.",
    )
    tone = serializers.ChoiceField(
        list(captions.TONES), default="professional", help_text="How it sounds."
    )
    length = serializers.ChoiceField(
        list(captions.LENGTHS), default="medium", help_text="About 80, 180 or 400 characters."
    )
    include_hashtags = FlagField(default=True, help_text="Whether they may have hashtags.")
    include_emojis = FlagField(default=True, help_text="Whether they may have emojis.")
    count = NumberField(default=1, min_value=1, max_value=5, help_text="How many to choose from.")

    def validate_platform(self, value: str) -> str:
        return ALIASES.get(value, value)


class GeneratedCaptionsSerializer(serializers.Serializer):
    captions = serializers.ListField(child=serializers.CharField(), help_text="At least one.")
    platform = serializers.CharField(allow_null=True, help_text="As asked for; else null.")
    tone = serializers.CharField(help_text="As asked for.")
    length = serializers.CharField(help_text="As asked for.")
    count_requested = serializers.IntegerField(help_text="How many were asked for.")
    count_returned = serializers.IntegerField(help_text="How many there are; each costs a credit.")
    credits_used = serializers.IntegerField(help_text="What they cost.")
    credits_remaining = serializers.IntegerField(help_text=REMAINING)


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


SHARED = [
    path("ai/generate-caption", GenerateCaption.as_view()),
    path("ai/generate-image", GenerateImage.as_view()),
]
