"""Every endpoint of the URL map that a key opens, and bodies for it: nothing added is forgotten."""

import copy
import random
import re
import uuid
from dataclasses import dataclass
from typing import Any

from config.urls import urlpatterns
from config.web.documentation import document
from posts.api.auth import KeyAuthentication

#: Of the right form, and nobody's.
NOBODYS = {
    "post_id": "post_1",
    "destination_id": "dest_1",
    "account_id": "987654322",
    "media_id": str(uuid.UUID(int=1)),
}


def endpoints() -> set[str]:
    """`METHOD /path` of everything in the URL map that a key opens."""
    found = set()
    for pattern in urlpatterns:
        view = getattr(pattern, "callback", None)
        if KeyAuthentication in getattr(getattr(view, "cls", None), "authentication_classes", ()):
            path = re.sub(r"<\w+:(\w+)>", r"<\1>", str(pattern.pattern)).removeprefix("api/v1")
            found |= {f"{method} {path}" for method in methods(view)}
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

    def body(self) -> Any:
        """The documented example; None for what takes no body."""
        path = re.sub(r"<(\w+)>", r"{\1}", self.path)
        operation = document()["paths"][f"/api/v1{path}"][self.method.lower()]
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        return copy.deepcopy(content.get("example"))


ENDPOINTS = [Endpoint(*name.split(" ")) for name in sorted(endpoints())]
WRITES = [endpoint for endpoint in ENDPOINTS if endpoint.is_write]
WITH_BODY = [endpoint for endpoint in WRITES if endpoint.body() is not None]

#: Fields of bodies that name something, and how the ids of a world are called.
_NAMED = {
    "account_id": "account_id",
    "account_ids": "account_id",
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
        elif name == "url" and "file_url" in ids:
            found[name] = ids["file_url"]
        elif name == "alt_texts":
            found[name] = {ids["media_id"]: "An evening sky"}
        elif name == "seen_attempts" and isinstance(value, dict):
            found[name] = {ids["destination_id"]: 1}
        else:
            found[name] = about(value, ids)
    return found


#: What programs send by mistake, and people on purpose.
ODD: list[Any] = [
    None, True, False, 0, 1, -1, 2**31, 2**63, 2**64, 10**300, -(10**300), 1.5, 1e308, -0.0,
    "", " ", "0", "1", "null", "a" * 70000, "\x00", "a\x00b", "\ud800", "\udfff\ud800", "\u202e",
    "\ufeff", "😀" * 300, "%00", "../../etc/passwd", "';--", "2026-02-30T00:00:00Z", "2099-01-01",
    "2099-01-01T00:00:00+99:99", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00",
    "Europe/Berlin", "../zone", [], [[]], {}, [None], [{}], {"a": {"b": []}}, {"": ""},
    {"\x00": 1}, {"__proto__": {}}, [1] * 600, ["x"] * 600, "http://[::1", "javascript:1",
]  # fmt: skip
#: What is not JSON, or not JSON that can be read in one way only.
RAW: list[bytes] = [
    b"", b" ", b"{", b"[1,", b"nul", b"NaN", b'{"content": NaN}', b"\xff\xfe{\x00}\x00",
    b'{"content": "\xff"}', b'{"content": "\xed\xa0\x80"}', b'{"a": 1, "a": 2}', b"\xef\xbb\xbf{}",
    b"[" * 5000, b"[" * 5000 + b"]" * 5000, b'{"a":' * 5000, b'{"content": 1e999}',
    b'{"account_ids": [' + b"9" * 5000 + b"]}", b"content=a", b"<a/>", b"{}{}", b"'a'",
]  # fmt: skip


def spoilt(body: Any, dice: random.Random) -> Any:
    """The body with some of it changed, left out, or added."""
    if isinstance(body, dict) and body and dice.random() < 0.85:
        found = dict(body)
        for _ in range(dice.choice((1, 1, 1, 2, 3))):
            name = dice.choice(list(found) or ["a"])
            kind = dice.random()
            if kind < 0.15:
                found.pop(name, None)
            elif kind < 0.25:
                odd = dice.choice(ODD)
                found[odd if isinstance(odd, str) else f"{name}_"] = dice.choice(ODD)
            else:
                found[name] = spoilt(found.get(name), dice)
        return found
    if isinstance(body, list) and body and dice.random() < 0.6:
        found = [*body, dice.choice(ODD)]
        found[dice.randrange(len(found))] = spoilt(found[0], dice)
        return found * dice.choice((1, 1, 1, 40))
    return copy.deepcopy(dice.choice(ODD))
