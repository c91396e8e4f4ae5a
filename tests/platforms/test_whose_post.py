"""Whether a network shows a post as an account's own, network by network."""

import json
import uuid

import pytest

from platforms.adapter import Adapter
from platforms.drafts import Credentials
from platforms.errors import PlatformError
from platforms.registry import ADAPTERS
from tests.platforms.driver import Drive
from tests.platforms.facts import connect, facts_of
from tests.platforms.linkedin import steps

#: Networks that can be asked, and those that cannot.
ASKED = sorted(
    key for key, each in ADAPTERS.items() if type(each).shows_as_own is not Adapter.shows_as_own
)
UNASKED = sorted(set(ADAPTERS) - set(ASKED))


def two(simulator, key: str) -> tuple[Drive, Drive]:
    return connect(simulator, key, "17841400000000001"), connect(simulator, key, "1784140000000002")


@pytest.mark.parametrize("key", ASKED)
def test_a_post_is_shown_to_its_own_account_and_to_no_other(simulator, key):
    ours, theirs = two(simulator, key)
    # LinkedIn's list may be late by some minutes; what it lacks was made before that.
    simulator.set("linkedin", "listing_lag_seconds", 0)
    post_id = ours.finish(facts_of(key).usual.draft).id

    assert ours.shows_as_own(post_id) is True
    assert theirs.shows_as_own(post_id) is (None if key == "linkedin" else False)


@pytest.mark.parametrize("key", ASKED)
def test_a_page_that_says_404_does_not_say_whose_post_it_is(simulator, key):
    ours, _ = two(simulator, key)
    post_id = ours.finish(facts_of(key).usual.draft).id
    ours.fault(status=404, body="<html>Nothing is here.</html>")
    try:
        shown = ours.shows_as_own(post_id)
    except PlatformError:
        shown = None
    assert shown is None


@pytest.mark.parametrize("key", ASKED)
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


@pytest.mark.parametrize("key", UNASKED)
def test_some_networks_cannot_be_asked(simulator, key):
    assert connect(simulator, key, "1").shows_as_own("733") is None
