"""Fields that show what they do in the words and forms of the service."""

from typing import Any

from rest_framework import serializers

from posts.models import Post

#: What the service calls a status that has another name here.
WORDS = {str(Post.Status.PARTIAL): "partially_failed"}
STATUSES = [WORDS.get(each, each) for each in Post.Status.values]


class PostStatusField(serializers.ChoiceField):
    """A post's status, in the words of the service."""

    def __init__(self, **options: Any) -> None:
        super().__init__(STATUSES, read_only=True, **options)

    def to_representation(self, value: str) -> str:
        return WORDS.get(value, str(value))


class ShownUUIDField(serializers.UUIDField):
    """A UUID with hyphens, in lower case."""

    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, **options)
