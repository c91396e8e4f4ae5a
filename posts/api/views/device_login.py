"""Log in from a terminal, for programs that have no key yet."""

from typing import ClassVar

from django.conf import settings
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from posts.api.auth import KnownQuery
from posts.api.oauth.answers import network
from posts.api.serializers.fields import StrictSerializer, TextField
from posts.api.serializers.resources import read
from posts.keys.oauth import device_logins


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


NAME_CHARS = 100
UNNAMED = "A program without a name"
NO_STORE = {"Cache-Control": "no-store"}


class _Open(APIView):
    """For everybody: rates are counted by address."""

    authentication_classes: ClassVar = []
    permission_classes: ClassVar = [KnownQuery]


class StartDeviceLogin(_Open):
    @extend_schema(
        operation_id="start_device_login",
        request=StartDeviceLoginSerializer,
        responses=DeviceLoginSerializer,
    )
    def post(self, request: Request) -> Response:
        """Begin to log in: show the code, have an operator open the page, then ask for the key."""
        said = read(StartDeviceLoginSerializer, request.data).get("client_name", UNNAMED)
        started = device_logins.start(said[:NAME_CHARS], network(request))
        user_code = device_logins.shown(started.user_code)
        page = settings.PUBLIC_URL + reverse("admin:device_login")
        found = {
            "device_code": started.device_code,
            "user_code": user_code,
            "verification_uri": page,
            "verification_uri_complete": f"{page}?user_code={user_code}",
            "expires_in": int(device_logins.LIFETIME.total_seconds()),
            "interval": int(device_logins.INTERVAL.total_seconds()),
        }
        return Response(DeviceLoginSerializer(found).data, headers=NO_STORE)


class AskDeviceLogin(_Open):
    @extend_schema(
        operation_id="ask_device_login",
        request=AskDeviceLoginSerializer,
        responses=DeviceTokenSerializer,
    )
    def post(self, request: Request) -> Response:
        """Ask whether an operator has agreed. The key is in the first answer after that, only.

        Asked again it is revoked, and the status is `expired`: log in again.
        """
        code = read(AskDeviceLoginSerializer, request.data)["device_code"]
        answer = device_logins.ask(code, network(request))
        found: dict[str, object] = {"status": answer.status}
        if answer.login:
            operator = answer.login.decided_by
            found["api_key"] = answer.secret
            found["user"] = {"email": operator.email if operator else ""}
            found["organization_id"] = answer.login.workspace_id
        return Response(DeviceTokenSerializer(found).data, headers=NO_STORE)
