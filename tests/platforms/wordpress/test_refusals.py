"""What a site refuses, what its answers prove, and what is deleted there."""

import dataclasses
import json

import pytest

from deploy.simulator.wordpress.demo import HOST
from deploy.simulator.wordpress.site import PLAIN
from platforms.drafts import Draft
from platforms.errors import OutcomeUnknown, PlatformError, Rejected, Unauthorized, Unavailable
from platforms.outcomes import Absent, Published
from tests.conftest import Simulator
from tests.platforms.driver import HELLO, Drive, published
from tests.platforms.wordpress.account import drive
from tests.platforms.wordpress.test_publish import picture, posts_asked


@pytest.fixture(params=[HOST, PLAIN])
def d(request: pytest.FixtureRequest, simulator: Simulator) -> Drive:
    return drive(simulator, request.param)


def test_a_revoked_password_says_so_at_each_step(simulator: Simulator):
    d = drive(simulator)
    right = d.account
    wrong = dataclasses.replace(right, token="a-revoked-password")
    for call in ("create_post", "update_post"):
        d.fault(call=call, drop="before", times=1)
        with pytest.raises(PlatformError):
            d.finish(HELLO)
        d.account = wrong
        error = d.raises(Unauthorized)
        assert (call, error.code) == (call, "account_needs_reconnection")
        assert wrong.token not in f"{error.message}{error.body}"
        d.account = right
    assert isinstance(d.finish(HELLO), Published)


@pytest.mark.parametrize("call", ["create_post", "upload_media", "list_terms"])
@pytest.mark.parametrize("status", [403, 404, 406])
def test_a_firewall_is_told_from_wordpress(simulator: Simulator, call: str, status: int):
    d = drive(simulator)
    draft = Draft("Look", (picture(),), {"tags": ["coo"]})
    error = d.refusal(draft, call, status, "<html>Blocked</html>")
    assert (type(error), error.code) == (Unavailable, "account_restricted")
    assert (error.actor, error.http_status) == ("account owner", status)


def test_a_firewall_at_the_call_that_publishes_proves_nothing(simulator: Simulator):
    d = drive(simulator)
    d.fault(call="update_post", status=403, body="<html>Blocked</html>", effect=True, times=1)
    error = d.raises(OutcomeUnknown)
    assert error.code == "account_restricted"
    assert isinstance(d.find(HELLO), Published)


REFUSALS = {
    "too large for its server": ("upload_media", 413, "<html>", Rejected, "media_rejected"),
    "too large for PHP": (
        *("upload_media", 400, "rest_upload_no_content_disposition", Rejected),
        "media_rejected",
    ),
    "a type that it does not take": (
        *("upload_media", 500, "rest_upload_unknown_error", Rejected, "media_rejected"),
    ),
    "no room": ("upload_media", 400, "rest_upload_limited_space", Rejected, "media_rejected"),
    "an option": ("create_post", 400, "rest_invalid_param", Rejected, "option_rejected"),
    "terms": ("create_post", 403, "rest_cannot_assign_term", Rejected, "option_rejected"),
    "empty": ("create_post", 400, "empty_content", Rejected, "content_rejected"),
    "switched off": ("create_post", 404, "rest_no_route", Rejected, "account_restricted"),
    "unknown": ("create_post", 400, "coo", Rejected, "content_rejected"),
    "a redirect": ("create_post", 301, "", Unavailable, "address_refused"),
    "a password": (
        *("create_post", 401, "incorrect_password", Unauthorized, "account_needs_reconnection"),
    ),
    "a fatal error": (
        *("create_post", 500, "internal_server_error", Unavailable, "platform_unavailable"),
    ),
    "a limit": ("create_post", 429, "too_many_requests", PlatformError, "rate_limited"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_each_refusal_has_its_code(simulator: Simulator, name: str):
    call, status, word, kind, code = REFUSALS[name]
    body = word if word.startswith("<") else json.dumps({"code": word, "message": "Coo."})
    error = drive(simulator).refusal(Draft("Look", (picture(),)), call, status, body)
    assert (isinstance(error, kind), error.code) == (True, code)
    if not word.startswith("<"):
        assert error.platform_code == word


@pytest.mark.parametrize(
    "body",
    [
        *("{}", '{"id": 5}', '{"status": "publish"}', "[]", "<html>", '{"data": {"id": 5}}'),
        '{"id": 5, "status": "publish"}',
    ],
)
def test_an_answer_that_cannot_be_read_proves_nothing(simulator: Simulator, body: str):
    d = drive(simulator)
    d.fault(call="update_post", status=200, body=body, effect=True, times=1)
    d.raises(OutcomeUnknown)
    assert isinstance(d.find(HELLO), Published)


@pytest.mark.parametrize("call", ["list_posts", "list_media", "list_terms"])
@pytest.mark.parametrize("body", ["{}", '[{"id": "5"}]', "[5]", "<html>", "[{}]"])
def test_a_list_that_cannot_be_read_is_no_empty_one(simulator: Simulator, call: str, body: str):
    d, draft = drive(simulator), Draft("Look", (picture(),), {"tags": ["coo"]})
    d.fault(call="create_post", drop="before", times=1)
    with pytest.raises(PlatformError):
        d.finish(draft)
    d.checkpoint |= {"media": {}, "terms": {}}
    d.fault(call=call, status=200, body=body, times=1)
    d.raises(Unavailable, draft)
    assert posts_asked(d).count("posts") == 1


def test_a_link_that_is_none_is_not_believed(simulator: Simulator):
    d = drive(simulator)
    d.crash(HELLO, 2)
    number = d.checkpoint["post"]
    body = json.dumps({"id": int(number), "status": "publish", "link": "javascript:alert(1)"})
    d.fault(call="update_post", status=200, body=body, times=1)
    assert published(d.finish(HELLO)).url == f"https://{HOST}/?p={number}"


@pytest.mark.parametrize("call", ["create_post", "upload_media", "create_term"])
@pytest.mark.parametrize("number", ['"x"', "null", "-1", "[]", "1.5", "9" * 21])
def test_an_id_that_is_none_is_not_believed(simulator: Simulator, call: str, number: str):
    d = drive(simulator)
    d.fault(call=call, status=201, body=f'{{"id": {number}, "source_url": "https://a"}}', times=1)
    draft = Draft("Look", (picture(),), {"tags": [f"New {call} {number[:9]}"]})
    assert isinstance(d.raises(Unavailable, draft), Unavailable)
    assert d.sends == 0


def test_a_lookup_without_a_draft_proves_that_nothing_is_public(simulator: Simulator):
    d = drive(simulator)
    assert d.find(HELLO) == Absent()
    assert d.requests == []


# Deleting, and whose a post is


def test_a_post_is_moved_to_the_trash_or_deleted_where_there_is_none(d: Drive):
    for has_trash in (True, False):
        d.set("has_trash", has_trash)
        d.checkpoint = {}
        number = published(d.finish(HELLO)).id
        d.requests.clear()
        assert d.delete(number) == "deleted"
        assert len(d.requests) == 2 - has_trash
        assert (d.delete(number), d.public()) == ("already_gone", [])
        assert d.shows_as_own(number) is False


def test_a_path_that_is_gone_is_no_deleted_post(simulator: Simulator):
    d = drive(simulator)
    number = published(d.finish(HELLO)).id
    for body in ("<html>", json.dumps({"code": "rest_no_route"})):
        d.fault(call="delete_post", status=404, body=body, times=1)
        with pytest.raises(PlatformError):
            d.delete(number)
        d.fault(call="get_post", status=404, body=body, times=1)
        with pytest.raises(PlatformError):
            d.shows_as_own(number)
    assert len(d.public()) == 1


def test_a_post_whose_author_is_not_told_is_nobodys(simulator: Simulator):
    d = drive(simulator)
    body = json.dumps({"id": 5, "status": "publish"})
    d.fault(call="get_post", status=200, body=body, times=1)
    assert d.shows_as_own("5") is None
