"""The numbers of how far a customer can grow things, in SECURITY.md, and bounds of their own."""

import re
from pathlib import Path

import pytest

from posts import content
from posts.api.parsers import BODY_BYTES
from posts.api.serializers.posts import declared
from posts.features.feeds import fetch, poll
from posts.features.hashtags import api as sets
from posts.features.links import hooks
from posts.features.posting_queues import queues
from posts.features.repeating import materialise, recycling
from posts.features.webhooks import lifecycle, replay, retention
from posts.features.webhooks.api import views as webhook_views
from posts.keys.oauth import clients, device_logins, grants
from posts.keys.oauth import limits as oauth_limits
from posts.models import Media, Post
from tests.factories import make_account
from tests.posts.conftest import refused
from tests.posts.features.ai.conftest import artist, provider
from tests.posts.features.hashtags.hashtag_factories import make_set

__all__ = ["artist", "provider"]

SECURITY = (Path(__file__).resolve().parents[2] / "SECURITY.md").read_text()
STATUSES = ("400", "402", "403", "409", "413", "429", "503")
MB = 1_000_000


def most(windows) -> list[int]:
    return [window.limit for window in windows]


#: The numbers of a row, in its order. Settings are named there, and have no number.
NUMBERS = {
    "a body": [BODY_BYTES // MB],
    "webhooks": [lifecycle.MOST],
    "deliveries": [replay.MOST_ATTEMPTS, retention.DAYS],
    "deliveries that are recovered": [replay.MOST, *most(webhook_views.RECOVERIES)],
    "tests of webhooks": most(webhook_views.TESTS),
    "hashtag sets": [sets.MOST_TAGS, content.field("hashtag_set_ids").most],
    "feeds": [fetch.MOST_BYTES // MB, poll.MOST_NEW, poll.EVERY.total_seconds() / 60],
    "repeating posts": [materialise.AHEAD.days, recycling.MOST_PER_ACCOUNT],
    "posting queues": [queues.MOST_QUEUES, queues.MOST_SLOTS],
    "logins from terminals": [
        device_logins.MOST_PENDING,
        *most(device_logins.STARTS + device_logins.WIDE_STARTS),
    ],
    "programs that register for OAuth": [
        clients.MOST_UNUSED,
        *most(oauth_limits.REGISTRATIONS + oauth_limits.WIDE_REGISTRATIONS),
    ],
    "connected agents": [grants.ACTIVE_LIMIT, *most(oauth_limits.REFRESHES)],
    "metadata of a post": [declared.METADATA_BYTES // 1024],
    "links that are rewritten": [hooks.TEXT_LINKS, hooks.POST_LINKS, hooks.LINK_CHARS],
}


def rows() -> dict[str, str]:
    table = SECURITY.partition("## What a customer can grow")[2].partition("\n## ")[0]
    return dict(re.findall(r"^\| ([^|]+) \| (.+) \|$", table, re.M))


def test_the_numbers_of_a_bound_are_those_of_the_code():
    said = {}
    for name, bound in rows().items():
        found = re.findall(r"\b\d[\d,]*\b", bound)
        if numbers := [int(each.replace(",", "")) for each in found if each not in STATUSES]:
            said[name] = numbers
    assert said == NUMBERS


@pytest.mark.parametrize(
    ("length", "status", "code"),
    [(BODY_BYTES, 400, "validation_error"), (BODY_BYTES + 1, 413, "file_too_large")],
)
def test_a_body_of_more_than_a_megabyte_is_refused(ada, length, status, code):
    text = b'"' + b"a" * (length - 2) + b'"'

    answer = ada.post("/posts", data=text, content_type="application/json")

    refused(answer, status, code)


@pytest.mark.parametrize(("count", "status"), [(10, 201), (11, 400)])
def test_a_post_names_ten_hashtag_sets_at_most(ada, count, status):
    x = make_account(ada.workspace, "x")
    ids = [make_set(ada, f"set{number}", [f"tag{number}"]) for number in range(count)]

    answer = ada.post("/posts", {"content": "Hi", "account_ids": [x.pk], "hashtag_set_ids": ids})

    assert answer.status_code == status, answer.json()
    assert Post.objects.count() == (status == 201)


def test_an_image_that_was_drawn_takes_room_like_any_file(artist, provider, settings):
    settings.STORAGE_QUOTA_BYTES = 10

    refused(artist.post("/ai/generate-image", {"prompt": "A loft"}), 403, "storage_quota_exceeded")

    assert not Media.objects.exists()
