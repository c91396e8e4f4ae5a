"""Pages that posts link to: a plain one, one with a picture, and some that move.

Settings of the network: `page_status`, what the plain page answers (200); `page_picture`, the
picture in base64.
"""

import base64
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

PLAIN = '<head><title>Dovecote</title><meta property="og:description" content="Doves &amp; co">'
PICTURED = '<head><title>Doves</title><meta property="og:image" content="/dot.png">'
#: The smallest picture.
DOT = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def pages(setting: Callable[..., Any]) -> list[Route]:
    async def plain(_: Request) -> Response:
        return HTMLResponse(PLAIN, setting("", "page_status", 200))

    async def pictured(_: Request) -> Response:
        return HTMLResponse(PICTURED)

    async def dot(_: Request) -> Response:
        picture = base64.b64decode(setting("", "page_picture", DOT))
        return Response(picture, media_type="image/png")

    async def moved(_: Request) -> Response:
        return RedirectResponse("/dovecote", 301)

    async def around(_: Request) -> Response:
        return RedirectResponse("/round", 302)

    known = {
        "/dovecote": plain,
        "/pictured": pictured,
        "/dot.png": dot,
        "/moved": moved,
        "/round": around,
    }
    return [Route(path, answer) for path, answer in known.items()]
