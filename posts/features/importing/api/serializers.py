"""Imports of posts, as callers send and receive them."""

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from posts import content
from posts.api import errors
from posts.api.serializers.fields import (
    AccountNumbersField,
    MediaIdField,
    StrictListField,
    TextField,
)
from posts.api.serializers.posts.declared import Declared, requested
from posts.api.serializers.posts.queries import PostQuery
from posts.api.serializers.posts.requests import CreatePostSerializer
from posts.api.serializers.posts.warnings import WarnedMetaSerializer
from posts.api.serializers.queries import QueryNumberField, QuerySerializer
from posts.api.serializers.resources import NullIfBlankField, PaginationSerializer, read
from posts.composing import create
from posts.composing.compose import NewPost
from posts.features.importing.formats import files
from posts.features.importing.models import Import

AGAIN_CHARS = 100
EXISTING = "How many of these were imported before: their posts were made then, and none now."


class ImportQuery(QuerySerializer):
    dry_run = serializers.BooleanField(
        default=False, help_text="true: only validate; nothing is stored."
    )
    again = TextField(
        default="",
        allow_blank=True,
        max_length=AGAIN_CHARS,
        help_text="Any word of yours. Rows that were imported under another word, or none, are "
        "imported once more.",
    )


def read_new_post(body: Mapping[str, Any]) -> NewPost:
    """Return what `compose` takes, of the body of POST /posts. Raises RequestRefused."""
    try:
        return create.without_options(read(CreatePostSerializer, body))
    except serializers.ValidationError as error:
        raise errors.explain(error) from None


class ExportQuery(PostQuery):
    format = serializers.ChoiceField(choices=["csv", "json"], default="csv")
    # All that match, without pages.
    limit = None  # type: ignore[assignment]
    offset = None  # type: ignore[assignment]


#: Fields that are described where POST /posts is.
AS_THERE = dict.fromkeys(
    ("content", "timezone", "alt_texts", "platform_content", "metadata", "publish_now"),
    "As for POST /posts.",
)


def _words(help_text: str) -> serializers.ListField:
    return serializers.ListField(child=serializers.CharField(), required=False, help_text=help_text)


class ImportedPostSerializer(Declared):
    """A post of a JSON file; only described, because each row is validated on its own."""

    takes_more = True

    account_ids = AccountNumbersField(help_text="Ids of accounts; or name them.")
    platforms = _words(
        "With account_names: on which networks they are. Without: the only account there is on "
        "each."
    )
    account_names = _words("Handles or names of accounts.")
    scheduled_at = serializers.CharField(required=False, help_text="As for POST /posts.")
    media_urls = _words("Public addresses of files, which are fetched first.")
    media_ids = StrictListField(
        child=MediaIdField(), required=False, help_text="Files of the workspace."
    )
    campaign = serializers.CharField(
        required=False, help_text="The name or the id of an active campaign."
    )
    draft = serializers.BooleanField(required=False, help_text="As for POST /posts.")
    post_id = serializers.CharField(
        required=False,
        help_text="Of an export: the post that it was. A row whose post is still here is refused.",
    )

    def declared_fields(self) -> dict[str, serializers.Field]:
        return requested(content.read_by("import"), AS_THERE, required=False)


class ImportBodySerializer(serializers.Serializer):
    posts = ImportedPostSerializer(
        many=True, help_text=f"1 to {files.MOST_ROWS} posts, each validated as POST /posts does."
    )


@extend_schema_field({"type": "string", "format": "binary"})
class FileField(serializers.FileField):
    pass


class ImportFormSerializer(serializers.Serializer):
    file = FileField(help_text="A CSV or JSON file, at most 5 MB.")


class ImportResultsQuery(QuerySerializer):
    limit = QueryNumberField(min_value=1, max_value=500, default=100)
    offset = QueryNumberField(min_value=0, max_value=1_000_000, default=0)
    ok = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="false: only refused rows."
    )


class RowErrorSerializer(serializers.Serializer):
    field = serializers.CharField(help_text="The column; blank: the row as a whole.")
    code = serializers.CharField(help_text="A code of errors, as POST /posts has them.")
    message = serializers.CharField(help_text="What is wrong, for people to read.")


class RowSerializer(serializers.Serializer):
    row = serializers.IntegerField(help_text="Its place in the file, from 1 after the header.")
    ok = serializers.BooleanField(help_text="Whether its post was made, or would be.")
    post_id = serializers.CharField(required=False, help_text="The post, if there is one.")
    existing = serializers.BooleanField(
        help_text="The row was imported before: its post was made then, and none now."
    )
    errors = RowErrorSerializer(  # type: ignore[assignment]
        many=True, help_text="Why it was refused; empty if it was not."
    )


class ImportedSerializer(serializers.Serializer):
    meta_serializer: ClassVar = WarnedMetaSerializer

    total = serializers.IntegerField(help_text="How many rows the file has.")
    valid = serializers.IntegerField(help_text="How many rows are accepted.")
    existing = serializers.IntegerField(help_text=EXISTING)
    invalid = serializers.IntegerField(help_text="How many rows are refused.")
    results = RowSerializer(many=True, help_text="One result per row, in the order of the file.")
    warnings = serializers.ListField(
        child=serializers.CharField(), help_text="What of the file was not read."
    )


class ImportSerializer(serializers.Serializer):
    """An import that workers do."""

    import_id = serializers.UUIDField(source="id", help_text="The import's id.")
    status = serializers.ChoiceField(
        choices=[str(each) for each in Import.Status.values],
        help_text="`processing`; `completed`, all rows have a result; `cancelled`; `stopped`, it "
        "could not go on.",
    )
    reason = NullIfBlankField(help_text="Why it was cancelled or stopped; null: it was not.")
    filename = NullIfBlankField(help_text="The name of the file, if it had one.")
    dry_run = serializers.BooleanField(
        source="is_dry_run", help_text="Whether rows are only validated."
    )
    total = serializers.IntegerField(help_text="How many rows the file has.")
    done = serializers.IntegerField(help_text="How many rows have a result.")
    valid = serializers.IntegerField(help_text="How many rows were accepted.")
    invalid = serializers.IntegerField(help_text="How many rows were refused.")
    warnings = serializers.ListField(
        child=serializers.CharField(), help_text="What of the file was not read."
    )
    created_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(
        allow_null=True, help_text="When it ended; null while it goes on."
    )


class ImportWithResultsSerializer(ImportSerializer):
    existing = serializers.IntegerField(help_text=EXISTING)
    results = RowSerializer(
        many=True, help_text="A page of the rows that have a result, in the order of the file."
    )
    pagination = PaginationSerializer(help_text="Which page of the results this is.")
