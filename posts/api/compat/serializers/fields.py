"""Fields, ids and pages in the words and forms of the service.

`meta` has the same fields on both mounts; here its ids of posts and destinations are UUIDs.
"""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from destinations import public_ids
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


def page_data(meta: dict[str, Any], *names: str) -> dict[str, Any]:
    """`meta`'s pagination, and these of its numbers on their own."""
    pagination = meta["pagination"]
    return {"pagination": pagination, **{name: pagination[name] for name in names}}


#: What the fields of `meta` that hold ids are about.
ID_FIELDS = {
    "id": public_ids.DESTINATION,
    "destination_id": public_ids.DESTINATION,
    "post_id": public_ids.POST,
}


class PlainIds(APIView):
    """A view whose answers name posts and destinations by their UUIDs in `meta` too."""

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        done: Response = super().finalize_response(request, response, *args, **kwargs)
        if meta := getattr(done, "meta", None):
            done.meta = with_plain_ids(meta)  # type: ignore[attr-defined]
        return done


def with_plain_ids(meta: dict[str, Any]) -> dict[str, Any]:
    """With UUIDs in the objects of its lists."""
    return {
        name: [_with_uuids(each) for each in found] if isinstance(found, list) else found
        for name, found in meta.items()
    }


def _with_uuids(found: dict[str, Any]) -> dict[str, Any]:
    named = {
        name: public_ids.decode(ID_FIELDS[name], found[name]) for name in ID_FIELDS & found.keys()
    }
    return {**found, **{name: str(key) for name, key in named.items() if key}}
