"""The reference of the API benchmark: a view of Django REST framework with nothing of the product.

One POST with a serializer of three fields, one GET; each runs `SELECT 1`. No middleware but the one
that chooses these URLs, no authentication, no limits, no log.
"""

from collections.abc import Callable
from typing import ClassVar

from django.db import connection
from django.http import HttpRequest, HttpResponse
from rest_framework import serializers
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import JSONParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import ViewSet


class NoteSerializer(serializers.Serializer):
    title = serializers.CharField()
    count = serializers.IntegerField()
    is_open = serializers.BooleanField()


class NoteViewSet(ViewSet):
    authentication_classes: ClassVar = []
    permission_classes: ClassVar = []
    parser_classes: ClassVar = [JSONParser]
    renderer_classes: ClassVar = [JSONRenderer]
    content_negotiation_class = DefaultContentNegotiation

    def create(self, request: Request) -> Response:
        sent = NoteSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        return Response(NoteSerializer(self._read(sent.validated_data)).data, status=201)

    def list(self, request: Request) -> Response:
        note = self._read({"title": "Hello", "count": 3, "is_open": True})
        return Response(NoteSerializer(note).data)

    def _read(self, note: dict[str, object]) -> dict[str, object]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
        return note


router = SimpleRouter()
router.register("notes", NoteViewSet, basename="notes")
urlpatterns = router.urls


class BareUrls:
    """The only middleware of the reference."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.urlconf = "tests.bench.bare"  # type: ignore[attr-defined]
        return self.get_response(request)
