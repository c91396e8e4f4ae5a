"""The API's description as JSON, and two pages that show it, with nothing loaded from elsewhere."""

from functools import lru_cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import (
    SpectacularJSONAPIView,
    SpectacularRedocView,
    SpectacularSwaggerView,
)
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.web import demo
from posts.api import mounts
from posts.api.renderers import EnvelopeRenderer

#: The URL map of each mount.
REFERENCE, COMPAT = "config.mounts.reference", "config.mounts.compat"


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
        if done.exception:
            done.accepted_renderer = EnvelopeRenderer()
            done.accepted_media_type = EnvelopeRenderer.media_type
        return done


class OpenApiView(Refusing, SpectacularJSONAPIView):
    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(document())


class CompatDocument(OpenApiView):
    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """With the paths as they are at the host that was asked."""
        found = document(COMPAT)
        if request.path.startswith(mounts.COMPAT):
            return Response(found)
        paths = {name.removeprefix(mounts.COMPAT): each for name, each in found["paths"].items()}
        return Response({**found, "paths": paths})


class Swagger(Refusing, SpectacularSwaggerView):
    """The API to try out, with the demo workspace's key where the first page shows it too."""

    url_name = "openapi"
    template_name = "swagger.html"

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        response: Response = super().get(request, *args, **kwargs)
        response.data["demo"] = demo.shown_to(request)
        response.headers["Cache-Control"] = "no-store"
        return response


class Redoc(Refusing, SpectacularRedocView):
    url_name = "openapi"
    template_name = "redoc.html"
