"""`meta.warnings`: what of a request will fail or is not done, although it is accepted."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from rest_framework import serializers

from platforms.registry import ADAPTERS
from posts.api.serializers.resources import MetaSerializer
from posts.composing.validate import AccountValidation
from posts.models import Post


class PostWarningSerializer(serializers.Serializer):
    code = serializers.CharField(help_text="A stable code, such as `media_required`.")
    message = serializers.CharField(help_text="What will fail, for people to read.")
    account_id = serializers.IntegerField(
        required=False, help_text="The account at which it will fail."
    )
    platform = serializers.CharField(required=False)
    index = serializers.IntegerField(
        required=False, help_text="Of many posts, the place of this one in the request, from 0."
    )
    row = serializers.IntegerField(required=False, help_text="Of a file, the row of its post.")


class WarnedMetaSerializer(MetaSerializer):
    warnings = PostWarningSerializer(
        many=True,
        required=False,
        help_text="What will fail unless something is changed; absent if nothing is foreseen.",
    )


def warnings_of(validations: Iterable[AccountValidation], **where: int) -> list[dict[str, Any]]:
    """An entry for each failure that is foreseen. `where`: the post's `index` or `row`."""
    return [
        {
            "code": each.code,
            "message": each.message,
            "account_id": validation.target.number,
            "platform": validation.target.platform,
            **where,
        }
        for validation in validations
        for each in validation.foreseen
    ]


def of_post(post: Post, **where: int) -> list[dict[str, Any]]:
    """The same of a post that was made or changed."""
    if post.status == Post.Status.DRAFT:
        return warnings_of(post.validations, **where)
    return of_wish(post.validations, post.platform_content, **where)


def of_wish(
    validations: Collection[AccountValidation], platform_content: Mapping[str, Any], **where: int
) -> list[dict[str, Any]]:
    """The same, and what its `platform_content` says of networks that it does not go to."""
    known = {validation.target.platform for validation in validations}
    unused = [
        {
            "code": "platform_not_used",
            "message": f"platform_content.{name} is kept and not used: none of the post's accounts "
            "is on this platform.",
            "platform": name,
            **where,
        }
        for name, own in platform_content.items()
        if name not in known and not _is_cover(name, own)
    ]
    return warnings_of(validations, **where) + unused


def _is_cover(name: str, own: Any) -> bool:
    """Return whether it says no more than a `cover_photo` does, which names no network."""
    option = ADAPTERS[name].cover_option if name in ADAPTERS else ""
    return bool(option) and own == {"settings": {option: True}}


def foreseen(
    values: Mapping[str, Any], validations: Collection[AccountValidation]
) -> list[dict[str, Any]]:
    """Return what POST /posts would warn of, of a valid body."""
    spoken = {} if values.get("draft") else values.get("platform_content", {})
    return of_wish(validations, spoken)


def meta(warnings: list[dict[str, Any]]) -> dict[str, Any]:
    """`meta.warnings`; absent without any."""
    return {"warnings": warnings} if warnings else {}
