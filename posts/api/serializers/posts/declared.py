"""Fields of requests and answers, made of what `posts.content` declares."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from posts.api.serializers.fields import (
    AccountNumbersField,
    FlagField,
    ISODateTimeField,
    MediaIdField,
    NumberField,
    StrictListField,
    TextField,
)
from posts.api.serializers.posts.parts import of_features
from posts.api.serializers.posts.parts.hashtags import IN_HELP
from posts.api.serializers.posts.parts.links import FlagOrDefaultField
from posts.api.serializers.posts.parts.metadata import SCHEMA, MetadataField
from posts.api.serializers.posts.parts.platform_content import AltTextsField, PlatformContentField
from posts.api.serializers.posts.parts.repeating import OmittedField
from posts.content import HELP, Field, Form


class IdsField(StrictListField):
    child = MediaIdField()


@extend_schema_field(OpenApiTypes.STR)
class ShownTextField(OmittedField):
    pass


@extend_schema_field(SCHEMA)
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
    Form.RECURRENCE: of_features.REQUESTED["recurrence"],
    Form.RECYCLING: of_features.REQUESTED["recycling"],
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
