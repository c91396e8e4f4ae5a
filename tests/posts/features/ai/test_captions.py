"""Captions fit their network, in all forms that providers give them."""

import json

import pytest

from platforms.registry import ADAPTERS
from posts.features.ai import captions, provider
from posts.features.ai.captions import CaptionRequest

LONG = "An evening over hills 🌄 with https://example.com/a-long-address-of-a-page " * 3000


@pytest.mark.parametrize("platform", [*ADAPTERS, ""])
def test_a_caption_that_is_too_long_is_cut_at_a_word_to_what_its_network_takes(platform):
    fitted = captions.fitted(LONG, platform)

    assert fitted.endswith("…")
    assert LONG.startswith(fitted.removesuffix("…"))
    adapter = ADAPTERS.get(platform)
    most = adapter.limits.text_chars if adapter else 2000
    length = adapter.text_length(fitted) if adapter else len(fitted)
    assert most * 0.7 < length <= most


def test_a_word_longer_than_the_limit_is_cut_within():
    assert captions.fitted("a" * 400, "bluesky") == "a" * 299 + "…"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ('["One", "Two"]', ["One", "Two"]),
        ('Here you are:\n```json\n["One", "Two"]\n```', ["One", "Two"]),
        ('{"captions": ["One", "Two"]}', ["One", "Two"]),
        ('[{"caption": "One"}, {"caption": "Two"}]', ["One", "Two"]),
        ("1. One\n2. Two", ["One", "Two"]),
        ("- One\n\n- Two", ["One", "Two"]),
        ('["One", "One", " ", 5, null, "Two"]', ["One", "Two"]),
        ('["One", "Two", "Three"]', ["One", "Two"]),
    ],
)
def test_captions_are_found_in_every_form_that_models_give_them(monkeypatch, said, expected):
    monkeypatch.setattr(provider, "complete", lambda system, user: said)

    assert captions.write(CaptionRequest("Lofts", count=2)) == expected


def test_what_is_missing_is_asked_for_once_more(monkeypatch):
    asked = []

    def complete(system: str, user: str) -> str:
        asked.append(json.loads(user)["count"])
        return '["One"]' if len(asked) == 1 else '["Two", "Three"]'

    monkeypatch.setattr(provider, "complete", complete)

    assert captions.write(CaptionRequest("Lofts", count=3)) == ["One", "Two", "Three"]
    assert asked == [3, 2]
