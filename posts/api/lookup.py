"""Rows that a request names, as far as its key reaches."""

from rest_framework.request import Request

from destinations import public_ids
from posts.api.auth import reach_of
from posts.errors import known
from posts.models import Post
from posts.read_models import queries


def find_post(request: Request, post_id: str) -> Post:
    """Return the caller's post. Raises RequestRefused, also for a post out of its reach."""
    found = queries.post(reach_of(request), public_ids.decode(public_ids.POST, post_id))
    return known(found, "post")
