"""Captions and images: what a caller asks for, and gets."""

from rest_framework import serializers

from platforms.registry import ADAPTERS
from posts.api.serializers.fields import FlagField, NumberField, StrictSerializer, TextField
from posts.api.serializers.posts.parts.platform_content import PLATFORM_ALIASES
from posts.features.ai import captions, images

REMAINING = "What is left this month; 1,000,000 where there is no limit."


class GenerateImageSerializer(StrictSerializer):
    prompt = TextField(max_length=2000, help_text="What the image shows.")
    model = serializers.ChoiceField(
        list(images.MODELS),
        default=images.DEFAULT_MODEL,
        help_text="Decides the credits. The operator decides what really draws.",
    )
    aspect_ratio = serializers.ChoiceField(
        list(images.ASPECT_RATIOS), default="1:1", help_text="Width to height."
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
        [*ADAPTERS, *PLATFORM_ALIASES, *captions.OTHERS],
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
        return PLATFORM_ALIASES.get(value, value)


class GeneratedCaptionsSerializer(serializers.Serializer):
    captions = serializers.ListField(child=serializers.CharField(), help_text="At least one.")
    platform = serializers.CharField(allow_null=True, help_text="As asked for; else null.")
    tone = serializers.CharField(help_text="As asked for.")
    length = serializers.CharField(help_text="As asked for.")
    count_requested = serializers.IntegerField(help_text="How many were asked for.")
    count_returned = serializers.IntegerField(help_text="How many there are; each costs a credit.")
    credits_used = serializers.IntegerField(help_text="What they cost.")
    credits_remaining = serializers.IntegerField(help_text=REMAINING)
