"""The first page: how to connect, upload, post and look, each as a command to copy.

What else there is follows, folded.

Under `make up` the commands contain the demo workspace's key, on this machine alone. Who
has the key may publish in that workspace, so no other machine sees it, nor any installation that
`make up` did not start: nothing else sets DEMO_ENV.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.shortcuts import render
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from config import env
from config.web import proxies
from config.web.features import Feature, Step, integrations, posts
from platforms.registry import ADAPTERS

FEATURES = posts.FEATURES + integrations.FEATURES
#: A proxy on this machine calls from this machine, for clients that may be anywhere.
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via")


def demo_values(request: HttpRequest) -> dict[str, str]:
    """Return what `make up` has written down to a program on this machine; nothing to others."""
    return _written() if _is_here(request) else {}


def demo_workspace(request: HttpRequest) -> dict[str, Any]:
    """`key`, `account_ids` and `media_ids`; empty where `demo_values` is."""
    found = demo_values(request)
    if "API_KEY" not in found:
        return {}
    lists = {"account_ids": "ACCOUNT_IDS", "media_ids": "MEDIA_IDS"}
    ids = {name: json.loads(f"[{found.get(key, '')}]") for name, key in lists.items()}
    return {"key": found["API_KEY"], **ids}


def _written() -> dict[str, str]:
    """Return what `make up` has written down, if it has started us and is ready."""
    if not settings.DEMO_ENV:
        return {}
    try:
        return env.assignments(Path(settings.DEMO_ENV).read_text())
    except OSError:
        return {}


def _is_here(request: HttpRequest) -> bool:
    """Return whether a program on this machine asks, by an address of this machine, and itself."""
    host, _ = split_domain_port(request.get_host())
    return (
        _is_loopback(request.META.get("REMOTE_ADDR", ""))
        and (host == "localhost" or _is_loopback(host.strip("[]")))
        and not any(name in request.headers for name in FORWARDED)
    )


def _is_loopback(address: str) -> bool:
    found = proxies.address(address)
    return found is not None and found.is_loopback


@require_safe
def quick_start(request: HttpRequest) -> HttpResponse:
    known = demo_values(request)
    ids = known.get("ACCOUNT_IDS", "")
    network = next(iter(ADAPTERS))
    context = {
        "network": network,
        "host": settings.PUBLIC_URL,
        "api": f"{settings.PUBLIC_URL}/api/v1",
        "key": known.get("API_KEY", ""),
        "account_ids": ids or "1",
        "media_ids": known.get("MEDIA_IDS", ""),
        "networks": ids.count(",") + 1,
        "features": features(
            {
                "host": settings.PUBLIC_URL,
                "account_id": ids.partition(",")[0] or "1",
                "network": network,
            }
        ),
        "wall": known.get("SIMULATOR_URL", ""),
        "flower": known.get("FLOWER_URL", ""),
    }
    answer = render(request, "quick_start.html", context)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def features(known: Mapping[str, str]) -> list[Feature]:
    """`known`: `host` of this installation, and `account_id`, one to post to."""
    return [
        Feature(
            each.title,
            _marked(_known(each.words, known)),
            tuple(_filled(step, known) for step in each.steps),
        )
        for each in FEATURES
    ]


def _filled(step: Step, known: Mapping[str, str]) -> Step:
    command, answer = dedent(step.command), dedent(step.answer).strip()
    return Step(step.name, _known(command, known), _known(answer, known))


def _marked(words: str) -> SafeString:
    """Return HTML, in which words between backticks are code."""
    return SafeString(re.sub("`(.+?)`", r"<code>\1</code>", escape(words)))


def _known(text: str, known: Mapping[str, str]) -> str:
    for word, value in known.items():
        text = text.replace(f"<{word}>", value)
    return text
