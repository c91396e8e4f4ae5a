"""The key, accounts and files of the workspace that `make up` makes.

Who has the key may publish in that workspace, so it is shown on this machine alone, and never by an
installation that was not started by `make up`: nothing else sets DEMO_ENV.
"""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.request import split_domain_port

from config import env
from config.web import forwarded

#: A proxy on this machine calls from this machine, for clients that may be anywhere.
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via")


def values(request: HttpRequest) -> dict[str, str]:
    """What `make up` has written down, for a program on this machine; empty for others."""
    return _written() if _is_here(request) else {}


def shown_to(request: HttpRequest) -> dict[str, Any]:
    """`key`, `account_ids` and `media_ids`; empty where `values` is."""
    found = values(request)
    if "API_KEY" not in found:
        return {}
    lists = {"account_ids": "ACCOUNT_IDS", "media_ids": "MEDIA_IDS"}
    ids = {name: json.loads(f"[{found.get(key, '')}]") for name, key in lists.items()}
    return {"key": found["API_KEY"], **ids}


def _written() -> dict[str, str]:
    """What `make up` has written down, if it has started us and is ready."""
    if not settings.DEMO_ENV:
        return {}
    try:
        return env.assignments(Path(settings.DEMO_ENV).read_text())
    except OSError:
        return {}


def _is_here(request: HttpRequest) -> bool:
    """Whether a program on this machine asks, by an address of this machine, and itself."""
    host, _ = split_domain_port(request.get_host())
    return (
        _is_loopback(request.META.get("REMOTE_ADDR", ""))
        and (host == "localhost" or _is_loopback(host.strip("[]")))
        and not any(name in request.headers for name in FORWARDED)
    )


def _is_loopback(address: str) -> bool:
    found = forwarded.address(address)
    return found is not None and found.is_loopback
