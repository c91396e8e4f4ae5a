"""Strict fields: no value of another type is converted."""

import difflib
import re
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.validators import ProhibitSurrogateCharactersValidator

from destinations import public_ids, resolve
from platforms.text import is_blank
from posts.composing import times
from posts.errors import RequestRefused

#: What other services call `media_ids`.
_MEDIA_WORDS = {"media", "media_id", "mediaId", "mediaIds", "attachments", "url"}
#: A text of so many times its length is refused before it is read.
FAR_TOO_LONG = 4
#: How many destinations `seen_attempts` may name.
MOST_SEEN = 500


class TextField(serializers.CharField):
    """A string, kept as it is; numbers and booleans are not strings."""

    def __init__(self, **options: Any) -> None:
        super().__init__(trim_whitespace=False, **options)
        # Surrogates are refused before; looking for them again is slow.
        self.validators = [
            each
            for each in self.validators
            if not isinstance(each, ProhibitSurrogateCharactersValidator)
        ]

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        # Before anything is made of it. Some texts become shorter when they are read.
        if self.max_length is not None and len(data) > FAR_TOO_LONG * self.max_length:
            self.fail("max_length", max_length=self.max_length)
        if not self.allow_blank and is_blank(data):
            self.fail("blank")
        return str(super().to_internal_value(data))


class TrimmedField(TextField):
    """A text without the white space around it."""

    def to_internal_value(self, data: Any) -> str:
        return super().to_internal_value(data).strip()


@extend_schema_field(OpenApiTypes.URI)
class LinkField(TextField):
    """An http or https address of a public post."""

    def __init__(self, **options: Any) -> None:
        super().__init__(validators=[resolve.check_link], **options)


class FlagField(serializers.BooleanField):
    """true or false; "true", 1 and "on" are neither."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class NumberField(serializers.IntegerField):
    """An integer; strings, fractions and booleans are not integers."""

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return data


class SecondsField(serializers.FloatField):
    """A duration; strings and booleans are not numbers."""

    def to_internal_value(self, data: Any) -> float:
        if not isinstance(data, int | float) or isinstance(data, bool) or not 0 <= data < 1e9:
            self.fail("invalid")
        return float(data)


# A choice of types makes generated clients wrap each id; programs that send digits still may.
@extend_schema_field(OpenApiTypes.INT)
class AccountNumberField(serializers.Field):
    """An account id: an integer, or its digits as a string."""

    default_error_messages: ClassVar = {"invalid": "An account id is an integer."}

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, str) and re.fullmatch(r"[0-9]{1,18}", data):
            return int(data)
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return int(data)


@extend_schema_field(OpenApiTypes.STR)
class PostIdField(serializers.Field):
    """The id of a post, in either form; becomes its UUID."""

    default_error_messages: ClassVar = {"invalid": "A post's id looks like post_8f3k2j1."}

    def to_internal_value(self, data: Any) -> uuid.UUID:
        key = public_ids.decode(public_ids.POST, data) if isinstance(data, str) else None
        if key is None:
            self.fail("invalid")
        return key

    def to_representation(self, value: Any) -> str:
        return public_ids.encode(public_ids.POST, value)


class StrictListField(serializers.ListField):
    """A JSON array. One that is too long is refused before its items are validated."""

    def to_internal_value(self, data: Any) -> list[Any]:
        if isinstance(data, list) and self.max_length and len(data) > self.max_length:
            raise serializers.ValidationError(
                f"Takes at most {self.max_length} items; these are {len(data)}.", "max_length"
            )
        found: list[Any] = super().to_internal_value(data)
        return found


class AccountNumbersField(StrictListField):
    """At most 500 account ids."""

    child = AccountNumberField()

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 500, "required": False, **options})


@extend_schema_field(
    {
        "type": "object",
        "minProperties": 1,
        "maxProperties": MOST_SEEN,
        "additionalProperties": {"type": "integer", "minimum": 0},
    }
)
class SeenAttemptsField(serializers.Field):
    """{destination id: its `attempts` in the results}; the ids become UUIDs."""

    number = NumberField(min_value=0)
    default_error_messages = {
        "no_object": "This is a JSON object: the attempts seen, by destination id.",
        "count": f"Name 1 to {MOST_SEEN} destinations.",
        "twice": "Name each destination once.",
    }

    def to_internal_value(self, data: Any) -> dict[uuid.UUID, int]:
        if not isinstance(data, Mapping):
            self.fail("no_object")
        if not 1 <= len(data) <= MOST_SEEN:
            self.fail("count")
        found = {_destination_key(name): self._count(name, count) for name, count in data.items()}
        if len(found) < len(data):
            self.fail("twice")
        return found

    def _count(self, name: str, count: Any) -> int:
        try:
            return int(self.number.run_validation(count))
        except serializers.ValidationError as error:
            raise serializers.ValidationError({name[:100]: error.detail}) from None


def _destination_key(name: str) -> uuid.UUID:
    key = public_ids.decode(public_ids.DESTINATION, name)
    if key is None:
        raise serializers.ValidationError({name[:100]: "A destination's id looks like dest_001."})
    return key


class MediaIdField(serializers.UUIDField):
    """A UUID, written as a string."""

    def to_internal_value(self, data: Any) -> uuid.UUID:
        if not isinstance(data, str):
            self.fail("invalid", value=data)
        found: uuid.UUID = super().to_internal_value(data)
        return found


@extend_schema_field(OpenApiTypes.DATETIME)
class ISODateTimeField(TextField):
    """An ISO 8601 date and time; naive if it has no offset."""

    def to_internal_value(self, data: Any) -> datetime:  # type: ignore[override]
        try:
            return times.parse(super().to_internal_value(data))
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from None


class UTCDateTimeField(ISODateTimeField):
    """A date and time; without an offset it is in UTC."""

    def to_internal_value(self, data: Any) -> datetime:  # type: ignore[override]
        try:
            return times.resolve(super().to_internal_value(data), "UTC")
        except RequestRefused:
            raise serializers.ValidationError("This time is out of range.") from None


def _name_choices(of: serializers.Field) -> None:
    """Have the error of a wrong word name those that there are."""
    field = getattr(of, "child", None) or getattr(of, "word", of)
    if isinstance(field, serializers.ChoiceField):
        said = field.error_messages["invalid_choice"]
        if said == serializers.ChoiceField.default_error_messages["invalid_choice"]:
            words = ", ".join(map(str, field.choices))
            field.error_messages["invalid_choice"] = f"{said} Choose from {words}."


def field_hint(name: str, known: Sequence[str]) -> str:
    """Return the words that refuse a field, with the one that may have been meant."""
    shown = name[:100]
    near = difflib.get_close_matches(shown, known, n=1)
    return f"There is no field {shown!r}." + (f" Do you mean {near[0]!r}?" if near else "")


class StrictSerializer(serializers.Serializer):
    """A JSON object or a query with known fields only.

    An ignored misspelled time would publish immediately and irreversibly; an ignored filter would
    make a client that works through the list work on everything.
    """

    #: Optional fields for which null does not mean the same as absence.
    never_null: ClassVar[frozenset[str]] = frozenset()

    #: Optional fields for which null is a value.
    null_is_said: ClassVar[frozenset[str]] = frozenset()

    def get_fields(self) -> dict[str, serializers.Field]:
        fields: dict[str, serializers.Field] = super().get_fields()
        for name, field in fields.items():
            field.allow_null = self._may_be_null(name, field)
            _name_choices(field)
        return fields

    def _may_be_null(self, name: str, field: serializers.Field) -> bool:
        return not field.required and name not in self.never_null

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, Mapping):
            raise serializers.ValidationError(
                {"non_field_errors": ["The body must be a JSON object."]}
            )
        for name in data:
            if name not in self.fields:
                raise RequestRefused("invalid_field_name", self._hint(name), field=name[:100])
        # Null means the same as leaving an optional field out, unless it is a value.
        return super().to_internal_value(
            {
                name: value
                for name, value in data.items()
                if value is not None
                or name in self.null_is_said
                or not self.fields[name].allow_null
            }
        )

    def _hint(self, name: str) -> str:
        if name in _MEDIA_WORDS and "media_ids" in self.fields:
            return f"There is no field {name[:100]!r}; files are named in media_ids."
        return field_hint(name, list(self.fields))


def one_of(values: dict[str, Any], name: str, alias: str) -> dict[str, Any]:
    """The values with `alias` folded into `name`. Raises if they are given and differ."""
    if alias in values:
        other = values.pop(alias)
        if values.setdefault(name, other) != other:
            raise serializers.ValidationError(
                {name: f"{name} and {alias} mean the same and differ; send one."}
            )
    return values
