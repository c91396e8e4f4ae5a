"""What a view may rely on, shown by views that do what no endpoint does."""

from typing import ClassVar

import pytest
from django.urls import path
from rest_framework.exceptions import Throttled
from rest_framework.response import Response
from rest_framework.views import APIView

from posts.api.auth import key_of
from posts.api.renderers import EnvelopeResponse
from posts.errors import RequestRefused
from posts.models import IdempotencyRecord, Media
from tests.posts.api.idempotency.requests import is_replay, send, without_ids
from tests.posts.factories import make_media

OUTCOMES = {
    "broken": lambda: 1 / 0,
    "busy": lambda: Throttled(wait=3),
    "conflict": lambda: RequestRefused("conflict", "Not now."),
}


class Half(APIView):
    """Stores something, on its own, and then cannot go on."""

    wrong: ClassVar = ""

    def post(self, request):
        make_media(key_of(request).workspace)
        if self.wrong:
            raise OUTCOMES[self.wrong]()
        return Response({"done": True})


class NoneOfThem(APIView):
    def post(self, request):
        return Response({"ok": False, "at": 1.0, "b": [], "a": "é"}, status=422)


class WithMore(APIView):
    def post(self, request):
        return EnvelopeResponse([], {"left": 3})


urlpatterns = [
    path("api/v1/half", Half.as_view()),
    path("api/v1/none", NoneOfThem.as_view()),
    path("api/v1/more", WithMore.as_view()),
]


@pytest.fixture(autouse=True)
def _these_views(settings):
    settings.ROOT_URLCONF = __name__


@pytest.mark.parametrize(("wrong", "status"), [("broken", 500), ("busy", 429), ("conflict", 409)])
def test_an_answer_that_is_not_kept_leaves_nothing_of_the_work(ada, monkeypatch, wrong, status):
    monkeypatch.setattr(Half, "wrong", wrong)
    assert send(ada, "POST", "/half").status_code == status
    assert (Media.objects.count(), IdempotencyRecord.objects.count()) == (0, 0)

    monkeypatch.setattr(Half, "wrong", "")

    assert [is_replay(send(ada, "POST", "/half")) for _ in range(2)] == [False, True]
    assert Media.objects.count() == 1


def test_data_with_a_status_of_refusal_stays_data(ada):
    first, again = send(ada, "POST", "/none"), send(ada, "POST", "/none")

    assert (first.status_code, is_replay(again)) == (422, True)
    assert (set(again.json()), again.json()["error"]) == ({"data", "error", "meta"}, None)
    assert without_ids(again) == without_ids(first)
    told = [answer.content.partition(b',"meta"')[0] for answer in (first, again)]
    assert told[0] == told[1], "byte for byte, in the order of the first"


def test_what_an_answer_says_beside_its_data_is_kept_too(ada):
    answers = [send(ada, "POST", "/more") for _ in range(2)]

    assert [answer.json()["meta"]["left"] for answer in answers] == [3, 3]
    assert is_replay(answers[1])
