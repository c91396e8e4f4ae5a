"""What each platform accepts; the names are camelCase, as in the hosted service."""

from rest_framework import serializers


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
