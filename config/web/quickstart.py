"""The first page: how to connect, upload, post and look, each as a command to copy.

What else there is follows, folded.

Under `make up` the commands contain the demo workspace's key, on this machine alone.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from config.web import demo
from config.web.features import features


@require_safe
def quick_start(request: HttpRequest) -> HttpResponse:
    known = demo.values(request)
    ids = known.get("ACCOUNT_IDS", "")
    context = {
        "host": settings.PUBLIC_URL,
        "api": f"{settings.PUBLIC_URL}/api/v1",
        "key": known.get("API_KEY", ""),
        "account_ids": ids or "1",
        "media_ids": known.get("MEDIA_IDS", ""),
        "networks": ids.count(",") + 1,
        "features": features(
            {"host": settings.PUBLIC_URL, "account_id": ids.partition(",")[0] or "1"}
        ),
        "wall": known.get("SIMULATOR_URL", ""),
        "flower": known.get("FLOWER_URL", ""),
    }
    answer = render(request, "quick_start.html", context)
    answer.headers["Cache-Control"] = "no-store"
    return answer
