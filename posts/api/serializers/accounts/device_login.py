"""Logging in from a terminal: what is sent, and what is answered."""

from rest_framework import serializers

from posts.api.serializers.fields import StrictSerializer, TextField


class StartDeviceLoginSerializer(StrictSerializer):
    client_name = TextField(
        required=False,
        max_length=255,
        help_text="What the operator is shown of your program, such as CLI on laptop; at most 100 "
        "characters of it.",
    )

    def validate_client_name(self, value: str) -> str:
        if not value.isprintable():
            raise serializers.ValidationError("Must not hold control characters.")
        return value


class DeviceLoginSerializer(serializers.Serializer):
    device_code = serializers.CharField(help_text="The program's secret, to ask with.")
    user_code = serializers.CharField(help_text="The code that the operator compares.")
    verification_uri = serializers.URLField(help_text="The page for the operator.")
    verification_uri_complete = serializers.URLField(help_text="The same page with the code.")
    expires_in = serializers.IntegerField(help_text="Seconds until the codes expire.")
    interval = serializers.IntegerField(help_text="Seconds to wait between two questions.")


class AskDeviceLoginSerializer(StrictSerializer):
    device_code = TextField(max_length=200, help_text="From POST /auth/device.")


class DeviceUserSerializer(serializers.Serializer):
    email = serializers.CharField(
        allow_blank=True, help_text="The address of the operator who agreed; may be empty."
    )


class DeviceTokenSerializer(serializers.Serializer):
    status = serializers.ChoiceField(
        ["pending", "slow_down", "denied", "expired", "authorized"],
        help_text="`slow_down`: ask less often. `expired`: log in again.",
    )
    api_key = serializers.CharField(
        required=False, help_text="The key, in one answer only; asking again revokes it."
    )
    user = DeviceUserSerializer(required=False, help_text="Who agreed.")
    organization_id = serializers.UUIDField(required=False, help_text="The key's workspace.")
