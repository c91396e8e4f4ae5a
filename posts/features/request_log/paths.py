"""Paths of requests without what may be a secret.

A path that an endpoint matched holds nothing but ids, for its converters accept nothing else; only
an upload URL holds a token. A path of no endpoint may hold anything, such as a key that was pasted
into the wrong place: of it only what looks like one of our words or ids is kept.
"""

import re
from functools import lru_cache

#: Routes whose variable part opens something.
SECRET = ("/uploads/",)
#: A path of an endpoint with proper ids is shorter.
MOST = 150
HIDDEN = "…"
_VARIABLE = re.compile(r"<(?:\w+:)?(\w+)>")
_KNOWN_PART = re.compile(
    r"|[a-z]{1,20}(?:[-_][a-z]{1,20}){0,3}|v[0-9]{1,2}|[0-9]{1,19}|(?:post|dest)_[0-9A-Za-z]{1,24}"
    r"|[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
)


@lru_cache(maxsize=256)
def template(route: str) -> str:
    """`/api/v1/posts/{post_id}` of Django's route; empty for the route of what is no endpoint."""
    return "" if not route or route.startswith("^") else "/" + _VARIABLE.sub(r"{\1}", route)


def shown(path: str, route: str) -> str:
    """Return the path as it may be kept; `route` is its template."""
    if route.startswith(SECRET):
        return route
    if route and len(path) <= MOST:
        return path
    return "/".join(map(_part, path[:MOST].split("/")))


def _part(part: str) -> str:
    return part if _KNOWN_PART.fullmatch(part) else HIDDEN
