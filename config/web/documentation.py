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

from posts.api.renderers import EnvelopeRenderer


@lru_cache(maxsize=1)
def document() -> Any:
    """The OpenAPI document; the same for everybody until the next release."""
    return SchemaGenerator().get_schema(request=None, public=True)


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


class Document(Refusing, SpectacularJSONAPIView):
    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(document())


class Swagger(Refusing, SpectacularSwaggerView):
    url_name = "openapi"


class Redoc(Refusing, SpectacularRedocView):
    url_name = "openapi"
    template_name = "redoc.html"
