"""Every endpoint of the URL map that needs a key, and bodies for it. New endpoints are included."""

import copy
import re
import uuid
from dataclasses import dataclass
from typing import Any

from config.web.documentation import document
from posts.api.auth import KeyAuthentication
from posts.api.urls import urlpatterns

#: Well-formed ids of nothing.
UNKNOWN = {
    "post_id": "post_1",
    "destination_id": "dest_1",
    "account_id": "987654322",
    "media_id": str(uuid.UUID(int=1)),
    "queue_id": str(uuid.UUID(int=1)),
    "recurrence_id": str(uuid.UUID(int=1)),
    "session_id": "987654323",
    "campaign_id": "987654322",
    "webhook_id": str(uuid.UUID(int=1)),
    "delivery_id": str(uuid.UUID(int=1)),
    "import_id": str(uuid.UUID(int=1)),
    "calendar_feed_id": str(uuid.UUID(int=1)),
    "hashtag_set_id": str(uuid.UUID(int=1)),
    "feed_id": str(uuid.UUID(int=1)),
    "link_id": str(uuid.UUID(int=1)),
}


def endpoints(*, are_open: bool = False) -> set[str]:
    """`METHOD /path` of everything in the URL map that a key opens, or that needs none."""
    found = set()
    for pattern in urlpatterns:
        view = getattr(pattern, "callback", None)
        if (KeyAuthentication in view.cls.authentication_classes) is not are_open:
            path = re.sub(r"<\w+:(\w+)>", r"<\1>", str(pattern.pattern))
            found |= {f"{method} /{path}" for method in methods(view)}
    return found


def methods(view: Any) -> set[str]:
    """What a view or a view set of the URL map does."""
    names = getattr(view, "actions", None) or view.cls().allowed_methods
    return {name.upper() for name in names} - {"HEAD", "OPTIONS"}


@dataclass(frozen=True)
class Endpoint:
    method: str
    #: Below /api/v1, with `<names>`.
    path: str

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def is_write(self) -> bool:
        return self.method != "GET"

    def url(self, ids: dict[str, str]) -> str:
        return re.sub(r"<(\w+)>", lambda found: ids[found[1]], self.path)

    @property
    def described_path(self) -> str:
        """As the OpenAPI document has it, with `{names}`."""
        return re.sub(r"<(\w+)>", r"{\1}", self.path)

    def operation(self) -> dict[str, Any]:
        """What the document of the reference mount says of it."""
        path = f"/api/v1{self.described_path}"
        found: dict[str, Any] = document()["paths"][path][self.method.lower()]
        return found

    def body(self) -> Any:
        """The documented example; None for what takes no body."""
        content = self.operation().get("requestBody", {}).get("content", {})
        return copy.deepcopy(content.get("application/json", {}).get("example"))

    def query_names(self) -> list[str]:
        """What its query may have."""
        every = self.operation().get("parameters", [])
        return [each["name"] for each in every if each["in"] == "query"]


ENDPOINTS = [Endpoint(*name.split(" ")) for name in sorted(endpoints())]
WRITES = [endpoint for endpoint in ENDPOINTS if endpoint.is_write]
WITH_BODY = [endpoint for endpoint in WRITES if endpoint.body() is not None]

#: What needs no key: logging in from a terminal.
OPEN = [Endpoint(*name.split(" ")) for name in sorted(endpoints(are_open=True))]
#: Both mounts, as callers write them.
MOUNTS = ("/api/v1", "/compat/api/v1")

#: Fields of bodies that name something, and how the ids of a world are called.
_NAMED = {
    "queue_id": "queue_id",
    "account_id": "account_id",
    "account_ids": "account_id",
    "campaign_id": "campaign_id",
    "media_id": "media_id",
    "media_ids": "media_id",
    "post_id": "post_id",
    "post_ids": "post_id",
    "destination_id": "destination_id",
    "destination_ids": "destination_id",
}


def about(body: Any, ids: dict[str, str]) -> Any:
    """The body, naming these ids wherever it names any."""
    if isinstance(body, list):
        return [about(each, ids) for each in body]
    if not isinstance(body, dict):
        return body
    found = {}
    for name, value in body.items():
        if name in _NAMED and _NAMED[name] in ids:
            one: Any = ids[_NAMED[name]]
            one = int(one) if one.isdecimal() else one
            found[name] = [one] if isinstance(value, list) else one
        elif name == "url" and "file_url" in ids and "events" not in body:
            found[name] = ids["file_url"]
        elif name == "alt_texts":
            found[name] = {ids["media_id"]: "An evening sky"}
        elif name == "seen_attempts" and isinstance(value, dict):
            found[name] = {ids["destination_id"]: 1}
        else:
            found[name] = about(value, ids)
    return found
