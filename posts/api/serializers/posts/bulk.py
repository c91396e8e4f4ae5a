"""Many posts in one call: the body, and the result of each post."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from posts.api import renderers
from posts.api.serializers.fields import StrictListField, StrictSerializer
from posts.api.serializers.posts import created
from posts.api.serializers.posts.posts import ProblemSerializer
from posts.api.serializers.posts.requests import CreatePostSerializer
from posts.api.serializers.posts.warnings import WarnedMetaSerializer
from posts.composing import validate
from posts.errors import RequestRefused

MOST_POSTS = 50
MOST_DESTINATIONS = 1_000


@extend_schema_field(CreatePostSerializer)
class AnyBodyField(serializers.Field):
    """A body that is validated later, on its own."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        return data


class CreatePostsSerializer(StrictSerializer):
    posts = StrictListField(
        child=AnyBodyField(),
        allow_empty=False,
        max_length=MOST_POSTS,
        help_text=f"1 to {MOST_POSTS}, as for POST /posts; up to {MOST_DESTINATIONS} destinations.",
    )

    def to_internal_value(self, data: Any) -> Any:
        given = data.get("posts") if isinstance(data, Mapping) else None
        if isinstance(given, list):
            _check_volume(given)
        return super().to_internal_value(data)


class BulkErrorSerializer(ProblemSerializer):
    status = serializers.IntegerField()
    details = serializers.DictField(required=False)


class BulkResultSerializer(serializers.Serializer):
    """`post` if it is `ok`, else `error`."""

    index = serializers.IntegerField(help_text="The post's place in the request, from 0.")
    ok = serializers.BooleanField(help_text="Whether the post was created.")
    post = created.created_field(required=False, help_text="The post, if it was created.")
    error = BulkErrorSerializer(required=False, help_text="Why it was not created.")


class BulkSummarySerializer(serializers.Serializer):
    total = serializers.IntegerField(help_text="How many posts were sent.")
    succeeded = serializers.IntegerField(help_text="How many posts were created.")
    failed = serializers.IntegerField(help_text="How many posts were refused.")


class BulkSerializer(serializers.Serializer):
    meta_serializer: ClassVar = WarnedMetaSerializer
    #: By status, whether each post was made: for the document's examples.
    outcomes: ClassVar = {"201": (True,), "207": (True, False), "422": (False,)}

    summary = BulkSummarySerializer(help_text="How many were created and how many were not.")
    results = BulkResultSerializer(many=True)


def _check_volume(bodies: Sequence[Any]) -> None:
    """Raises RequestRefused for more than one call can create quickly."""
    if len(bodies) > MOST_POSTS:
        raise _too_many("posts", MOST_POSTS)
    accounts = [_accounts_count(body) for body in bodies]
    if sum(accounts) > MOST_DESTINATIONS:
        raise _too_many("destinations over all posts", MOST_DESTINATIONS)
    sizes = (
        renderers.size(body) * count for body, count in zip(bodies, accounts, strict=True) if count
    )
    if sum(sizes) > validate.MOST_STORED_BYTES:
        raise _too_many("bytes over all destinations", validate.MOST_STORED_BYTES)


def _accounts_count(body: Any) -> int:
    ids = body.get("account_ids") if isinstance(body, Mapping) else None
    return len(ids) if isinstance(ids, list) else 0


def _too_many(what: str, limit: int) -> RequestRefused:
    message = f"One call creates at most {limit} {what}; send the rest in another."
    return RequestRefused("bulk_limit_exceeded", message, limit=limit)
