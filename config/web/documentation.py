"""The API's description as JSON, and two pages that show it, with nothing loaded from elsewhere."""

import hashlib
import threading
from functools import lru_cache
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import (
    SpectacularJSONAPIView,
    SpectacularRedocView,
    SpectacularSwaggerView,
)
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.web import quickstart
from posts.api import mounts
from posts.api.renderers import EnvelopeRenderer

#: The URL map of each mount.
REFERENCE, COMPAT = "config.mounts.reference", "config.mounts.compat"
_writing = threading.Lock()


@lru_cache(maxsize=2)
def document(mount: str = REFERENCE) -> Any:
    """The OpenAPI document of a mount; the same for everybody until the next release."""
    return SchemaGenerator(urlconf=mount).get_schema(request=None, public=True)


class Refusing(APIView):
    """A view whose errors are in the API's envelope; its answers need not be."""

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        done: Response = super().finalize_response(request, response, *args, **kwargs)
        if getattr(done, "exception", False):
            done.accepted_renderer = EnvelopeRenderer()
            done.accepted_media_type = EnvelopeRenderer.media_type
        return done


@lru_cache(maxsize=3)
def _written(mount: str, prefix: str) -> tuple[bytes, str]:
    """The document's bytes and their ETag; its paths are without the prefix."""
    found = document(mount)
    paths = {name.removeprefix(prefix): each for name, each in found["paths"].items()}
    written = OpenApiJsonRenderer().render({**found, "paths": paths})
    return written, f'"{hashlib.sha256(written).hexdigest()[:32]}"'


class OpenApiView(Refusing, SpectacularJSONAPIView):
    mount = REFERENCE

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Return the document with the paths of the host that was asked."""
        is_moved = self.mount == COMPAT and not request.path.startswith(mounts.COMPAT)
        # Any client may ask for it, so it is written once.
        with _writing:
            written, etag = _written(self.mount, mounts.COMPAT if is_moved else "")
        kind = request.accepted_renderer.media_type
        answer = get_conditional_response(request, etag) or HttpResponse(written, content_type=kind)
        answer["ETag"] = etag
        return answer


class CompatDocument(OpenApiView):
    mount = COMPAT


class Swagger(Refusing, SpectacularSwaggerView):
    """The API to try out, with the demo workspace's key where the first page shows it too."""

    url_name = "openapi"
    template_name = "swagger.html"

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        response: Response = super().get(request, *args, **kwargs)
        response.data["demo"] = quickstart.demo_workspace(request)
        response.headers["Cache-Control"] = "no-store"
        return response


class Redoc(Refusing, SpectacularRedocView):
    url_name = "openapi"
    template_name = "redoc.html"
