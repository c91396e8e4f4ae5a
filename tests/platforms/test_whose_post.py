"""Whether a network shows a post as an account's own, network by network."""

import json
import uuid

import pytest

from platforms.drafts import Credentials, Draft
from platforms.errors import PlatformError
from platforms.registry import ADAPTERS
from tests.platforms.bluesky import account as bluesky
from tests.platforms.discord import account as discord
from tests.platforms.driver import Drive
from tests.platforms.linkedin import steps
from tests.platforms.mastodon.account import id_of
from tests.platforms.meta.containers import photos
from tests.platforms.telegram import account as telegram
from tests.platforms.wordpress import account as wordpress
from tests.platforms.youtube.steps import UPRIGHT, make_draft

#: What each network that can be asked takes as a post.
DRAFTS = {
    "x": Draft("Hello"),
    "linkedin": Draft("Hello"),
    "facebook": Draft("Hello"),
    "threads": Draft("Hello"),
    "instagram": photos(),
    "youtube": make_draft(UPRIGHT),
    "bluesky": Draft("Hello"),
    "mastodon": Draft("Hello"),
    "wordpress": Draft("Hello"),
    "discord": Draft("Hello"),
}


def account(simulator, key: str, number: str) -> Drive:
    own = {"linkedin": {"author": f"urn:li:organization:{number}"}, "bluesky": bluesky.SERVER}
    extra = own.get(key, {})
    if key == "bluesky" and number.isdigit():
        number = bluesky.did_of(number)
    if key == "mastodon" and number.isdigit():
        number = id_of(number)
    if key == "wordpress" and number.isdigit():
        number = wordpress.id_of(number)
    if key == "telegram" and number.isdigit():
        number = telegram.id_of(number)
    if key == "discord" and number.isdigit():
        number = discord.id_of(number)
    token = simulator.connect(key, number, extra=extra)
    return Drive(ADAPTERS[key], Credentials(number, "acme", token, extra=extra), simulator)


def two(simulator, key: str) -> tuple[Drive, Drive]:
    if key == "youtube":
        return account(simulator, key, f"UC{'a' * 22}"), account(simulator, key, f"UC{'b' * 22}")
    return account(simulator, key, "17841400000000001"), account(simulator, key, "1784140000000002")


@pytest.mark.parametrize("key", sorted(DRAFTS))
def test_a_post_is_shown_to_its_own_account_and_to_no_other(simulator, key):
    ours, theirs = two(simulator, key)
    # LinkedIn's list may be late by some minutes; what it lacks was made before that.
    simulator.set("linkedin", "listing_lag_seconds", 0)
    post_id = ours.finish(DRAFTS[key]).id

    assert ours.shows_as_own(post_id) is True
    assert theirs.shows_as_own(post_id) is (None if key == "linkedin" else False)


@pytest.mark.parametrize("key", sorted(DRAFTS))
def test_what_is_no_post_is_not_shown_as_one(simulator, key):
    ours, _ = two(simulator, key)
    for post_id in ("12", "no/such?post=1", "../me"):
        try:
            shown = ours.shows_as_own(post_id)
        except PlatformError:
            # It says nothing, as if it could not be asked.
            shown = None
        assert (post_id, bool(shown)) == (post_id, False)
    assert all(".." not in path for path in ours.requests)


def test_an_old_post_that_linkedins_list_lacks_is_not_the_pages(simulator):
    page = steps.connect(simulator, "organization")

    assert page.shows_as_own("urn:li:share:7000000000000000000") is False


def test_linkedins_list_says_nothing_of_what_is_older_than_its_last_post(simulator):
    page = steps.connect(simulator, "organization")
    now_ms = 1_800_000_000_000
    posts = [{"id": f"urn:li:share:{n}", "createdAt": now_ms} for n in range(100)]
    simulator.fault("linkedin", call="find_posts", body=json.dumps({"elements": posts}), status=200)

    assert page.shows_as_own("urn:li:share:7000000000000000000") is None


@pytest.mark.parametrize("why", ["member", "no scope", "forbidden"])
def test_linkedin_cannot_be_asked_about_members_or_without_the_right_to(simulator, why):
    drive = steps.connect(simulator, "person" if why == "member" else "organization")
    if why == "no scope":
        number, extra = drive.account.platform_account_id, drive.account.extra
        scopes = ("w_organization_social",)
        drive.account = Credentials(number, "acme", drive.account.token, extra=extra, scopes=scopes)
    if why == "forbidden":
        simulator.fault("linkedin", call="find_posts", status=403, body="{}")

    assert drive.shows_as_own("urn:li:share:7000000000000000000") is None
    assert bool(drive.requests) is (why == "forbidden")


def test_x_may_say_with_a_200_that_there_is_nothing_to_see(simulator):
    ours, _ = two(simulator, "x")
    simulator.fault("x", call="get_post", status=200, body=json.dumps({"errors": [{}]}))

    assert ours.shows_as_own("1876") is None


def test_facebook_may_not_say_whom_a_post_is_from(simulator):
    ours, _ = two(simulator, "facebook")
    simulator.fault("facebook", status=200, body="{}")

    assert ours.shows_as_own("567") is None


def test_an_answer_of_youtube_that_cannot_be_read_says_nothing(simulator):
    ours, _ = two(simulator, "youtube")
    simulator.fault("youtube", call="videos", status=200, body="{}")

    with pytest.raises(PlatformError):
        ours.shows_as_own(uuid.uuid4().hex[:11])


@pytest.mark.parametrize("key", ["tiktok", "telegram"])
def test_some_networks_cannot_be_asked(simulator, key):
    assert account(simulator, key, "1").shows_as_own("733") is None
