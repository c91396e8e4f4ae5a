"""The card of a link: what its page says, and its picture, which is a stranger's."""

import base64
import io
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from deploy.simulator.bluesky import pages
from platforms.bluesky import card
from platforms.drafts import Draft
from tests.conftest import Simulator
from tests.platforms.bluesky.account import drive as connected
from tests.platforms.bluesky.account import record
from tests.platforms.driver import Drive, published


@pytest.fixture
def drive(simulator: Simulator) -> Drive:
    return connected(simulator)


def test_a_link_gets_a_card_with_what_its_page_says(drive: Drive):
    published(drive.publish(Draft("Read https://example.com/dovecote")))
    said = record(drive)["embed"]["external"]
    assert said["uri"] == "https://example.com/dovecote"
    assert (said["title"], said["description"]) == ("Dovecote", "Doves & co")


def test_a_page_that_cannot_be_read_still_gets_a_card(drive: Drive):
    published(drive.publish(Draft("Look", settings={"link": "https://no-such.example/page"})))
    assert record(drive)["embed"]["external"]["title"] == "no-such.example"


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500])
def test_no_answer_of_a_page_says_anything_about_the_account(drive: Drive, status: int):
    drive.simulator.set("bluesky", "page_status", status)
    try:
        published(drive.publish(Draft("Read https://example.com/dovecote")))
    finally:
        drive.simulator.set("bluesky", "page_status", 200)
    assert record(drive)["embed"]["external"]["title"] == "example.com"


def test_a_page_is_followed_to_where_it_moved_but_not_for_ever(drive: Drive):
    published(drive.publish(Draft("Read http://example.com/moved")))
    said = record(drive)["embed"]["external"]
    assert (said["uri"], said["title"]) == ("http://example.com/moved", "Dovecote")
    drive.checkpoint = {}
    published(drive.publish(Draft("Read https://example.com/round")))
    assert record(drive)["embed"]["external"]["title"] == "example.com"


def test_a_cards_picture_is_stored_beside_it(drive: Drive):
    published(drive.publish(Draft("Read https://example.com/pictured")))
    said = record(drive)["embed"]["external"]
    assert (said["thumb"]["mimeType"], said["title"]) == ("image/png", "Doves")


@pytest.fixture
def shows(
    drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[bytes], dict[str, Any]]]:
    """Publishes a link to a page with this picture, and returns the card."""
    # A busy machine is late.
    monkeypatch.setattr(card, "SCALING", replace(card.SCALING, seconds=60))

    def shown(picture: bytes) -> dict[str, Any]:
        drive.simulator.set("bluesky", "page_picture", base64.b64encode(picture).decode())
        published(drive.publish(Draft("Read https://example.com/pictured")))
        return dict(record(drive)["embed"]["external"])

    yield shown
    drive.simulator.set("bluesky", "page_picture", pages.DOT)


def test_a_cards_picture_that_is_too_large_is_scaled(shows: Callable[[bytes], dict[str, Any]]):
    width, height = 1300, 900
    noise = Image.frombytes("RGB", (width, height), random.Random(1).randbytes(3 * width * height))
    large = io.BytesIO()
    noise.save(large, "PNG")
    assert len(large.getvalue()) > 3 * card.THUMB_BYTES

    thumb = shows(large.getvalue())["thumb"]

    assert thumb["mimeType"] == "image/jpeg"
    assert card.THUMB_BYTES / 10 < thumb["size"] <= card.THUMB_BYTES


@pytest.mark.parametrize("beginning", [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"])
def test_a_cards_picture_that_cannot_be_read_is_left_out(
    shows: Callable[[bytes], dict[str, Any]], beginning: bytes
):
    shown = shows(beginning + bytes(card.THUMB_BYTES))

    assert (shown["title"], "thumb" in shown) == ("Doves", False)


def test_a_link_gets_no_card_if_its_author_says_so(drive: Drive):
    published(drive.publish(Draft("https://example.com/dovecote", settings={"linkCard": False})))
    assert "embed" not in record(drive)


@pytest.mark.parametrize("picture", ["https://[x/a.png", "//[", "javascript:alert(1)"])
def test_a_picture_that_is_no_address_fails_no_post(
    drive: Drive, monkeypatch: pytest.MonkeyPatch, picture: str
):
    monkeypatch.setattr(card, "said_by", lambda page: {"title": "Doves", "og:image": picture})
    published(drive.publish(Draft("Read https://example.com/dovecote")))
    said = record(drive)["embed"]["external"]
    assert (said["title"], "thumb" in said) == ("Doves", False)


@pytest.mark.parametrize("start", [b"RIFF", b"\x89PNG", b"\xff\xd8\xff"])
def test_what_only_begins_like_a_picture_is_none(
    shows: Callable[[bytes], dict[str, Any]], start: bytes
):
    assert "thumb" not in shows(start + b"<script>alert(1)</script>")


def test_a_title_keeps_no_control_characters():
    found = card.said_by("<title>Do\0ves\x1b[31m\n&#0; and&#8203; more</title>")
    assert found["title"] == "Doves[31m \ufffd and more"
