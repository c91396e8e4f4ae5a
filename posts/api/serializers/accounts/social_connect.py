"""Connecting an account from a terminal: what is sent, and how far the browser has come."""

from typing import Any

from rest_framework import serializers

from platforms.registry import ADAPTERS, ALIASES
from posts.api.serializers.fields import AccountNumberField, StrictSerializer, TextField
from posts.errors import RequestRefused

RECONNECT = "reconnect"
NAMES = {"bluesky": "Bluesky", "telegram": "Telegram", "discord": "Discord"}


class StartConnectSerializer(StrictSerializer):
    platform = TextField(max_length=50, help_text="The network of the account.")
    mode = serializers.ChoiceField(
        ["connect", RECONNECT],
        required=False,
        help_text="`reconnect`: renew the authorization of `account_id`, and of no other account.",
    )
    account_id = AccountNumberField(
        required=False, help_text="The account to reconnect; only with mode `reconnect`."
    )

    def validate_platform(self, value: str) -> str:
        return supported(value)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if (attrs.get("mode") == RECONNECT) != ("account_id" in attrs):
            raise serializers.ValidationError(
                {"account_id": "mode reconnect and account_id go together; send both or neither."}
            )
        return attrs


class CredentialsSerializer(serializers.Serializer):
    """A network and its credentials, whose names are each network's own."""

    platform = TextField(max_length=50, help_text="The network of the account.")


class ConnectSessionSerializer(serializers.Serializer):
    session_id = serializers.CharField(help_text="What the state of this connection is asked by.")
    authorize_url = serializers.URLField(
        help_text="The link, for the account's owner to open in a browser within ten minutes."
    )
    interval = serializers.IntegerField(help_text="Seconds to wait between two questions.")


class ConnectedAccountSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    platform = serializers.CharField()
    account_name = serializers.CharField(source="name")


class ConnectStateSerializer(serializers.Serializer):
    status = serializers.ChoiceField(
        ["pending", "completed", "cancelled", "expired"],
        help_text="`cancelled`: the owner refused, at the network or here.",
    )
    account = ConnectedAccountSerializer(
        required=False, help_text="The account, once it is connected; of several, the first."
    )
    accounts = ConnectedAccountSerializer(
        many=True, required=False, help_text="All accounts that this login connected."
    )


class ConnectedSerializer(serializers.Serializer):
    account = ConnectedAccountSerializer(help_text="The account that was connected.")


def supported(name: str) -> str:
    """The network's key. Raises RequestRefused for a network that we do not have."""
    key = ALIASES.get(name.lower(), name.lower())
    if key not in ADAPTERS:
        shown = NAMES.get(key, name[:50])
        raise RequestRefused(
            "unsupported_platform",
            f"{shown} cannot be connected here. The platforms are {', '.join(ADAPTERS)}.",
            supported=list(ADAPTERS),
        )
    return key
