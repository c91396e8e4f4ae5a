"""Links: what posts say of theirs, settings, and short links with their clicks."""

import re
from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from posts.api.serializers.fields import FlagField, StrictListField, StrictSerializer, TextField
from posts.features.links import rules

DEFAULT = "default"
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


@extend_schema_field({"oneOf": [{"type": "boolean"}, {"type": "string", "enum": [DEFAULT]}]})
class ShortenField(serializers.Field):
    """true, false, or "default" (None inside)."""

    default_error_messages = {"invalid": f'This is true, false or "{DEFAULT}".'}

    def __init__(self) -> None:
        super().__init__(
            required=False,
            help_text='Whether links get short addresses, whose clicks are counted; "default": as '
            "the link settings of its campaign or the workspace say.",
        )

    def to_internal_value(self, data: Any) -> bool | None:
        if data == DEFAULT and isinstance(data, str):
            return None
        if not isinstance(data, bool):
            self.fail("invalid")
        return data


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


class LinkSettingsBodySerializer(StrictSerializer):
    """Only what changes; at least one field."""

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
        if not attrs:
            raise serializers.ValidationError("Send at least one field to change.")
        return {name: dict(value) if name == "utm" else value for name, value in attrs.items()}


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


@extend_schema_serializer(many=False)
class ShortLinkListSerializer(serializers.Serializer):
    links = ShortLinkSerializer(many=True, help_text="Of each account, in the order of the texts.")
