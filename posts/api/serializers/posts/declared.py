"""Fields of requests and answers, made of what `posts.content` declares, and `metadata`, the
caller's own notes.

Features bring theirs in their modules `post_fields`, by name.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from posts import registry
from posts.api import renderers
from posts.api.serializers.fields import (
    AccountNumbersField,
    FlagField,
    ISODateTimeField,
    MediaIdField,
    NumberField,
    StrictListField,
    TextField,
)
from posts.api.serializers.posts.options import IN_HELP, FlagOrDefaultField, OmittedField
from posts.api.serializers.posts.platform_content import AltTextsField, PlatformContentField
from posts.content import HELP, Field, Form

FieldMaker = Callable[..., Any]
_MODULES = tuple(registry.modules("post_fields"))
FEATURES_REQUESTED: dict[str, FieldMaker] = {
    name: maker for each in _MODULES for name, maker in getattr(each, "REQUESTED", {}).items()
}
FEATURES_SHOWN: dict[str, FieldMaker] = {
    name: maker for each in _MODULES for name, maker in getattr(each, "SHOWN", {}).items()
}


def shown_by_features(*names: str) -> dict[str, serializers.Field]:
    """Return these fields of answers, as far as there are the features that bring them."""
    return {name: FEATURES_SHOWN[name]() for name in names if name in FEATURES_SHOWN}


#: Of the metadata as compact JSON in UTF-8.
METADATA_BYTES = 2_048
METADATA_KEYS = 50
KEY_CHARS = 100
#: How deep objects and lists may be nested, the outermost counted.
METADATA_LEVELS = 5
#: What JSON of every language and of the database carries without loss.
LARGEST_NUMBER, SMALLEST_NUMBER = 10**18, 10**-18
METADATA_SCHEMA = {"type": "object", "maxProperties": METADATA_KEYS, "additionalProperties": True}


@extend_schema_field(METADATA_SCHEMA)
class MetadataField(serializers.Field):
    """A small JSON object, kept as it is."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, Mapping):
            raise serializers.ValidationError("This is a JSON object.")
        if len(data) > METADATA_KEYS:
            raise serializers.ValidationError(f"Has at most {METADATA_KEYS} keys.")
        if any(len(name) > KEY_CHARS for name in data):
            raise serializers.ValidationError(f"A key has at most {KEY_CHARS} characters.")
        if _levels(data) > METADATA_LEVELS:
            raise serializers.ValidationError(f"Is nested at most {METADATA_LEVELS} levels deep.")
        if not all(map(_is_carried, _numbers(data))):
            raise serializers.ValidationError(
                "A number has at most 18 digits on each side of its point; send it as a string."
            )
        if (size := renderers.size(data)) > METADATA_BYTES:
            raise serializers.ValidationError(
                f"Has at most {METADATA_BYTES} bytes of JSON; these are {size}."
            )
        return dict(data)


def _levels(data: Any) -> int:
    """Return how deep it is nested. The parser bounds the depth of every body."""
    inner = _inner(data)
    return 0 if inner is None else 1 + max(map(_levels, inner), default=0)


def _numbers(data: Any) -> Iterator[float]:
    if isinstance(data, int | float) and not isinstance(data, bool):
        yield data
    for each in _inner(data) or ():
        yield from _numbers(each)


def _is_carried(number: float) -> bool:
    return number == 0 or SMALLEST_NUMBER <= abs(number) < LARGEST_NUMBER


def _inner(data: Any) -> Collection[Any] | None:
    """The values of an object or a list; None of anything else."""
    if isinstance(data, Mapping):
        return data.values()
    return data if isinstance(data, list) else None


class IdsField(StrictListField):
    child = MediaIdField()


@extend_schema_field(OpenApiTypes.STR)
class ShownTextField(OmittedField):
    pass


@extend_schema_field(METADATA_SCHEMA)
class ShownMetadataField(OmittedField):
    pass


TEXTS = {
    **HELP,
    "hashtags_in": f"Where hashtags go. {IN_HELP} Absent: as the workspace's defaults say.",
}
Maker = Callable[..., serializers.Field]
REQUESTED: Mapping[Form, Maker] = {
    Form.TEXT: TextField,
    Form.WORD: TextField,
    Form.CHOICE: serializers.ChoiceField,
    Form.FLAG: FlagField,
    Form.FLAG_OR_DEFAULT: FlagOrDefaultField,
    Form.NUMBER: NumberField,
    Form.TIME: ISODateTimeField,
    Form.ID: MediaIdField,
    Form.IDS: IdsField,
    Form.ACCOUNT_IDS: AccountNumbersField,
    Form.ALT_TEXTS: AltTextsField,
    Form.PLATFORM_CONTENT: PlatformContentField,
    Form.METADATA: MetadataField,
    Form.RECURRENCE: FEATURES_REQUESTED["recurrence"],
    Form.RECYCLING: FEATURES_REQUESTED["recycling"],
}
#: How plain fields are shown.
SHOWN: Mapping[Form, Maker] = {Form.TEXT: ShownTextField, Form.METADATA: ShownMetadataField}
SHOWN_HELP = {"metadata": "The caller's own notes; absent if there are none."}
#: A blank one is refused, if it is, with the other wrong words.
BLANK = (Form.TEXT, Form.WORD)


class Declared(serializers.Serializer):
    """A serializer of declared fields, and of its own, which replace declared ones."""

    own_first: ClassVar[bool] = False

    def declared_fields(self) -> dict[str, serializers.Field]:
        raise NotImplementedError

    def get_fields(self) -> dict[str, serializers.Field]:
        declared, own = self.declared_fields(), super().get_fields()
        return {**(own if self.own_first else {}), **declared, **own}


def requested(
    fields: Iterable[Field], helps: Mapping[str, str] | None = None, **options: Any
) -> dict[str, serializers.Field]:
    """The fields as a request has them. `helps`: what it says of some of them itself."""
    said = {**TEXTS, **(helps or {})}
    return {
        each.name: REQUESTED[each.form](
            **{"help_text": said[each.name], **_options(each), **options}
        )
        for each in fields
    }


def _options(field: Field) -> dict[str, Any]:
    given = {
        "choices": field.choices,
        "max_length": field.most,
        "default": field.default,
        "allow_blank": field.form in BLANK or None,
    }
    return {
        "required": field.is_required,
        **{name: value for name, value in given.items() if value not in (None, ())},
    }


def shown(fields: Iterable[Field], within: str = "") -> dict[str, serializers.Field]:
    """The plain fields among these as answers have them; rows keep them `within` a value."""
    return {
        each.name: SHOWN[each.form](
            required=False,
            help_text=SHOWN_HELP.get(each.name, TEXTS[each.name]),
            **({"source": f"{within}.{each.name}"} if within else {}),
        )
        for each in fields
        if each.is_plain
    }
