"""The first page: how to connect, upload, post and look, each as a command to copy.

Under `make up` the commands contain the demo key. Its reader may publish in the demo workspace, so
it is shown on this machine alone, and never by an installation that was not started by `make up`:
nothing else sets DEMO_ENV.
"""

from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.shortcuts import render
from django.views.decorators.http import require_safe

from config import env
from config.web import forwarded

#: A proxy on this machine calls from this machine, for clients that may be anywhere.
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via")


@require_safe
def quick_start(request: HttpRequest) -> HttpResponse:
    demo = _demo() if _is_here(request) else {}
    ids = demo.get("ACCOUNT_IDS", "")
    context = {
        "api": f"{settings.PUBLIC_URL}/api/v1",
        "key": demo.get("API_KEY", ""),
        "account_ids": ids or "1",
        "media_ids": demo.get("MEDIA_IDS", ""),
        "networks": ids.count(",") + 1,
        "wall": demo.get("SIMULATOR_URL", ""),
    }
    answer = render(request, "quick_start.html", context)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _demo() -> dict[str, str]:
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
