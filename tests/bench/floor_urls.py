"""The product's URLs, a view of its API that does nothing, and the two that it is compared with."""

from typing import Any, ClassVar

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import JSONParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config import urls

handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500


class Nothing(APIView):
    """Of the API: with its key, its limits and its log line."""

    def get(self, request: Request) -> Response:
        return Response({})

    def post(self, request: Request) -> Response:
        return Response({"given": len(request.data)})


class BareDRF(APIView):
    """Django REST Framework by itself, and one statement."""

    authentication_classes: ClassVar[list[Any]] = []
    permission_classes: ClassVar[list[Any]] = []
    parser_classes: ClassVar[list[Any]] = [JSONParser]
    renderer_classes: ClassVar[list[Any]] = [JSONRenderer]
    content_negotiation_class = DefaultContentNegotiation

    def get(self, request: Request) -> Response:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return Response({"one": cursor.fetchone()[0]})


def bare_django(request: HttpRequest) -> HttpResponse:
    return JsonResponse({})


urlpatterns = [
    path("api/v1/nothing", Nothing.as_view()),
    path("bare/django", bare_django),
    path("bare/drf", BareDRF.as_view()),
    *urls.urlpatterns,
]
