"""What the published clients send, where that differs: bodies and queries.

Only what is read differs; the values mean the same to `compose` as the reference mount's.
"""

import uuid
from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from destinations import access
from destinations.access import Reach
from platforms.registry import ADAPTERS
from posts.api.compat.serializers.fields import WORDS
from posts.api.serializers import media
from posts.api.serializers.fields import (
    MediaIdField,
    StrictListField,
    StrictSerializer,
    TextField,
    UTCDateTimeField,
)
from posts.api.serializers.posts import bulk, queries, requests
from posts.api.serializers.posts.bulk import AnyBodyField
from posts.api.serializers.queries import ChoicesField
from posts.errors import RequestRefused
from posts.models import Post

#: The service's words for statuses of posts.
STATUS_WORDS = {
    **{word: status for status, word in WORDS.items()},
    "done": str(Post.Status.PUBLISHED),
    "queued": str(Post.Status.SCHEDULED),
}
IN_UTC = "ISO 8601, in the future; without an offset it is in UTC, no matter what `timezone` says."
#: Of a thread, beside its first; networks take fewer.
MOST_PARTS = 100
#: The options that take a picture as the cover of a video, by network.
COVER_OPTIONS = {
    key: adapter.cover_option for key, adapter in ADAPTERS.items() if adapter.cover_option
}
COVER_NETWORKS = " or ".join(ADAPTERS[key].name for key in COVER_OPTIONS)


class PostQuery(queries.PostQuery):
    status = ChoicesField([*Post.Status.values, *STATUS_WORDS], required=False)

    def validate_status(self, value: list[str]) -> list[str]:
        return [STATUS_WORDS.get(word, word) for word in value]


class CreateUploadSerializer(media.CreateUploadSerializer):
    """Without a size a file has at most as many bytes as its type allows."""

    needs_size = False


class CoverPhotoSerializer(StrictSerializer):
    media_id = MediaIdField(help_text="One of `media_ids`.")


class PostFields(serializers.Serializer):
    """The fields that differ; the others are those of the reference mount."""

    content = TextField(
        required=False,
        allow_blank=True,
        help_text="The text. May be absent with files, or where each platform has its own.",
    )
    scheduled_at = UTCDateTimeField(required=False, help_text=IN_UTC)
    scheduled_for = UTCDateTimeField(required=False, help_text=IN_UTC)
    cover_photo = CoverPhotoSerializer(
        required=False,
        help_text=f"The picture that a {COVER_NETWORKS} video shows before it plays.",
    )


class CreatePostSerializer(PostFields, requests.CreatePostSerializer):
    thread_posts = StrictListField(
        child=TextField(),
        required=False,
        max_length=MOST_PARTS,
        help_text="The texts that follow `content` in a thread, in order, at each account whose "
        "network has threads; the others get `content` alone.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = {"content": "", **with_cover(attrs)}
        everywhere = "account_ids" not in attrs and _goes_out(attrs)
        # The reference mount asks for accounts, which are chosen where the post is composed.
        values = super().validate({**attrs, "account_ids": []} if everywhere else attrs)
        accounts = {"account_ids": None} if everywhere else {}
        return {**values, "own_texts_do": True, "spare_platforms": True, **accounts}


@extend_schema_field(CreatePostSerializer)
class NewPostField(AnyBodyField):
    pass


class CreatePostsSerializer(bulk.CreatePostsSerializer):
    posts = StrictListField(
        child=NewPostField(),
        allow_empty=False,
        max_length=bulk.MOST_POSTS,
        help_text=f"1 to {bulk.MOST_POSTS}, as for POST /posts; up to {bulk.MOST_DESTINATIONS} "
        "destinations.",
    )


class EditPostSerializer(PostFields, requests.EditPostSerializer):
    """Null is nothing, for times too: a post that was read may be sent as it is."""

    never_null = frozenset()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        values = super().validate(with_cover(attrs))
        return {**values, "spare_platforms": True} if "platform_content" in values else values


class SchedulePostSerializer(requests.SchedulePostSerializer):
    scheduled_for = UTCDateTimeField(required=False, help_text=IN_UTC)
    scheduled_at = UTCDateTimeField(required=False, help_text="An alias of scheduled_for.")


def check_volume(body: Any, reach: Reach) -> None:
    """Raises RequestRefused for a bulk call whose posts go to too many accounts, named by none."""
    bodies = body.get("posts") if isinstance(body, Mapping) else None
    if not isinstance(bodies, list):
        return
    everywhere = [each for each in bodies if isinstance(each, Mapping) and _names_none(each)]
    if len(everywhere) > 1:
        count = len(everywhere) * access.accounts(reach).count()
        if count > bulk.MOST_DESTINATIONS:
            raise RequestRefused(
                "bulk_limit_exceeded",
                f"Without account_ids these posts go to {count} destinations; one call creates at "
                f"most {bulk.MOST_DESTINATIONS}.",
                limit=bulk.MOST_DESTINATIONS,
            )


def _names_none(body: Mapping[str, Any]) -> bool:
    return body.get("account_ids") is None and _goes_out(body)


def _goes_out(attrs: Mapping[str, Any]) -> bool:
    """Return whether the post says when it is published, which a draft does not."""
    times = ("scheduled_at", "scheduled_for", "publish_now", "use_queue")
    return not attrs.get("draft") and any(attrs.get(name) for name in times)


def with_cover(attrs: dict[str, Any]) -> dict[str, Any]:
    """The values with `cover_photo` as the networks' own options."""
    cover = attrs.pop("cover_photo", None)
    if cover is None:
        return attrs
    key: uuid.UUID = cover["media_id"]
    files = attrs.get("media_ids", [])
    if key not in files:
        raise serializers.ValidationError(
            {"cover_photo": "Name the picture in media_ids too, and send a video with it."}
        )
    content = dict(attrs.get("platform_content", {}))
    for platform, option in COVER_OPTIONS.items():
        own = content.get(platform, {})
        content[platform] = {**own, "settings": {**own.get("settings", {}), option: True}}
    return {
        **attrs,
        "media_ids": [key, *(each for each in files if each != key)],
        "platform_content": content,
    }
