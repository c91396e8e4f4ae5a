"""POST /ai/generate-caption and /ai/generate-image."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from destinations.runtime.request_waits import RequestWaitLimiter
from posts.features.ai import generate
from posts.features.ai.models import AiUse
from posts.models import Media
from tests.posts.cases import named
from tests.posts.conftest import data_of, make_caller, refused

CAPTION = {"topic": "Our new loft"}
IMAGE = {"prompt": "A loft at dusk", "aspect_ratio": "16:9", "model": "ideogram-v2"}


def test_captions_are_written_and_cost_a_credit_each(provider, artist):
    body = {**CAPTION, "platform": "twitter", "count": 3, "include_emojis": False}

    data = data_of(artist.post("/ai/generate-caption", body))
    written = data.pop("captions")
    assert data == {
        "platform": "x",
        "tone": "professional",
        "length": "medium",
        "count_requested": 3,
        "count_returned": 3,
        "credits_used": 3,
        "credits_remaining": 1_000_000,
    }
    assert len(set(written)) == 3
    assert all("Our new loft" in each and "✨" not in each for each in written)
    assert AiUse.objects.get().credits == 3


def test_an_image_is_drawn_in_its_ratio_and_is_ready_in_the_library(provider, artist):
    data = data_of(artist.post("/ai/generate-image", IMAGE), 201)
    media = Media.objects.get(pk=data.pop("media_id"))
    assert data.pop("message")
    assert data == {
        "model": "ideogram-v2",
        "aspect_ratio": "16:9",
        "credits_used": 8,
        "credits_remaining": 1_000_000,
    }
    assert (media.status, media.kind, media.width, media.height) == ("ready", "image", 1536, 864)
    assert media.workspace_id == artist.workspace.pk


def test_without_a_provider_the_answer_names_the_setting_and_is_not_to_be_repeated(artist, unset):
    for path, body in (("/ai/generate-caption", CAPTION), ("/ai/generate-image", IMAGE)):
        error = refused(artist.post(path, body), 503, "service_unavailable")

        assert "AI_BASE_URL" in error["message"]
        assert error["retryable"] is False
    assert not AiUse.objects.exists()


def test_a_key_needs_the_scope_ai(provider, ada):
    writer = make_caller(ada.workspace, "Writer", ("read", "write"))
    refused(writer.post("/ai/generate-caption", CAPTION), 403, "insufficient_scope")
    named = {"headers": {"Idempotency-Key": "once"}}
    refused(writer.post("/ai/generate-caption", CAPTION, **named), 403, "insufficient_scope")


def test_a_bad_body_is_refused_and_costs_nothing(provider, artist):
    for path, body, field in (
        ("image", {}, "prompt"),
        ("image", {"prompt": " "}, "prompt"),
        ("image", {"prompt": "a" * 2001}, "prompt"),
        ("image", {**IMAGE, "model": "dall-e"}, "model"),
        ("image", {**IMAGE, "aspect_ratio": "2:1"}, "aspect_ratio"),
        ("caption", {}, "topic"),
        ("caption", {"topic": "a" * 1001}, "topic"),
        ("caption", {**CAPTION, "count": 0}, "count"),
        ("caption", {**CAPTION, "count": 6}, "count"),
        ("caption", {**CAPTION, "tone": "rude"}, "tone"),
        ("caption", {**CAPTION, "length": "endless"}, "length"),
        ("caption", {**CAPTION, "platform": "myspace"}, "platform"),
        ("caption", {**CAPTION, "include_emojis": "yes"}, "include_emojis"),
    ):
        with named(path, body, field):
            error = refused(artist.post(f"/ai/generate-{path}", body), 400, "validation_error")

            assert error["details"]["validation_errors"][0]["field"] == field
            assert not AiUse.objects.exists()


def test_what_the_provider_refuses_is_the_callers_to_change(provider, artist):
    error = refused(
        artist.post("/ai/generate-image", {"prompt": "forbidden"}), 400, "validation_error"
    )

    assert "safety system" in error["message"]
    assert not AiUse.objects.exists()


@pytest.mark.parametrize(
    ("fault", "retryable"),
    [
        ({"status": 500}, True),
        ({"status": 429}, True),
        ({"drop": "before"}, True),
        ({"status": 200, "body": '{"data": []}'}, True),
        ({"status": 200, "body": "<html>"}, True),
        ({"status": 200, "body": '{"data": [{"b64_json": "bm8gaW1hZ2U="}]}'}, True),
        ({"status": 401}, False),
        ({"status": 404}, False),
    ],
)
def test_a_failing_provider_costs_nothing_and_stores_nothing(provider, artist, fault, retryable):
    provider.fault("ai", call="image", **fault)

    error = refused(artist.post("/ai/generate-image", IMAGE), 503, "service_unavailable")

    assert error["retryable"] is retryable
    assert not AiUse.objects.exists()
    assert not Media.objects.exists()


def test_the_providers_key_is_in_no_answer_and_no_log(provider, artist, caplog):
    said = '{"error": {"message": "Incorrect API key: sk-provider-secret-0123456789"}}'
    provider.fault("ai", call="chat", status=400, body=said)

    error = refused(artist.post("/ai/generate-caption", CAPTION), 400, "validation_error")

    assert "0123456789" not in error["message"]
    assert "0123456789" not in caplog.text


def test_the_same_call_within_minutes_is_made_and_paid_once(provider, artist):
    first = artist.post("/ai/generate-image", IMAGE)
    second = artist.post("/ai/generate-image", IMAGE)

    assert second.json()["data"] == first.json()["data"]
    assert second.headers["Idempotent-Replayed"] == "true"
    assert AiUse.objects.count() == Media.objects.count() == 1


def test_a_call_that_failed_is_made_again(provider, artist):
    provider.fault("ai", call="chat", status=500, times=1)
    refused(artist.post("/ai/generate-caption", CAPTION), 503, "service_unavailable")

    assert artist.post("/ai/generate-caption", CAPTION).status_code == 200


def test_credits_are_counted_for_me_and_end_with_a_402(provider, artist, ada, settings):
    settings.AI_CREDITS_PER_MONTH = 10
    assert artist.post("/ai/generate-image", IMAGE).json()["data"]["credits_remaining"] == 2
    shown = ada.get("/me").json()["data"]["quota"]["ai_credits"]
    assert shown == {"used": 8, "limit": 10, "bonus": 0}
    error = refused(
        artist.post("/ai/generate-image", {"prompt": "Another"}), 402, "insufficient_credits"
    )
    assert error["details"] == {"credits_required": 5, "credits_remaining": 2}


def test_a_workspace_may_have_its_own_number_of_credits(provider, artist, settings):
    settings.AI_CREDITS_PER_MONTH = 1
    type(artist.workspace).objects.filter(pk=artist.workspace.pk).update(ai_credits_per_month=0)

    answer = artist.post("/ai/generate-image", IMAGE)

    assert answer.json()["data"]["credits_remaining"] == 1_000_000


@pytest.mark.django_db(transaction=True)
def test_twenty_calls_at_once_spend_no_more_than_there_is(provider, ada, settings, monkeypatch):
    settings.AI_CREDITS_PER_MONTH = 5
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "ai": (), "requests": ()}
    monkeypatch.setattr(generate, "_room", RequestWaitLimiter(20))
    settings.WEB_THREADS = 64
    callers = [make_caller(ada.workspace, f"Artist {n}", ("ai",)) for n in range(4)]
    gate = threading.Barrier(20)

    def call(number: int) -> int:
        gate.wait()
        try:
            body = {"topic": f"Topic {number}"}
            return callers[number % 4].post("/ai/generate-caption", body).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as threads:
        found = sorted(threads.map(call, range(20)))

    assert found == [200] * 5 + [402] * 15


def test_few_calls_of_a_workspace_run_at_once(provider, artist, monkeypatch):
    monkeypatch.setattr(generate, "_room", RequestWaitLimiter(0))

    error = refused(artist.post("/ai/generate-caption", CAPTION), 503, "service_unavailable")

    assert error["retryable"] is True
