"""Patterns in the options of workers."""

import uuid

import pytest

from config.queue import routing
from config.queue.routing import SLOW
from platforms.registry import ADAPTERS


@pytest.fixture(autouse=True)
def _dedicated(settings):
    settings.DEDICATED_QUEUES = {uuid.uuid4(): "acme", uuid.uuid4(): "acme-2"}


@pytest.mark.parametrize("form", [["-Q", "{}"], ["--queues={}"], ["-n", "a@%h", "-X", "{}"]])
def test_a_pattern_becomes_the_queues_that_match(form):
    given = [word.format("media,publish.*.acme") for word in form]

    *before, found = routing.expand(given)

    assert before == given[:-1]
    names = found.removeprefix("--queues=").split(",")
    assert names[:3] == ["media", "publish.x.acme", "publish.instagram.acme"]
    assert len(names) == 1 + len(ADAPTERS)


def test_queues_for_uploads_are_the_dedicated_ones_too():
    _, found = routing.expand(["-Q", "media,imports,publish.*.upload"])

    assert set(found.split(",")) > {*SLOW, "publish.x.acme.upload", "publish.tiktok.acme-2.upload"}


def test_what_is_no_pattern_or_matches_nothing_stays():
    for options in (
        ["-Q", "publish.x,refresh"],
        ["-Q", "publish.*.gone"],
        ["-n", "publish.*@%h", "--concurrency=4"],
    ):
        assert routing.expand(options) == options
