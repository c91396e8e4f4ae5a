"""Ids of posts and destinations in `meta`, which has the same fields on both mounts."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from destinations import public_ids

#: What the fields of `meta` that hold ids are about.
FIELDS = {
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
            done.meta = plain(meta)  # type: ignore[attr-defined]
        return done


def plain(meta: dict[str, Any]) -> dict[str, Any]:
    """With UUIDs in the objects of its lists."""
    return {
        name: [_with_uuids(each) for each in found] if isinstance(found, list) else found
        for name, found in meta.items()
    }


def _with_uuids(found: dict[str, Any]) -> dict[str, Any]:
    named = {name: public_ids.decode(FIELDS[name], found[name]) for name in FIELDS & found.keys()}
    return {**found, **{name: str(key) for name, key in named.items() if key}}
