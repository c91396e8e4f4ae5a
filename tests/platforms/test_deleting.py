"""Deleting what was published, network by network."""

import dataclasses
import itertools

import pytest

from platforms.errors import PlatformError, RateLimited, Unauthorized, Unavailable, Unsupported
from platforms.oauth import App
from platforms.registry import ADAPTERS
from tests.contract import Case
from tests.platforms import facts
from tests.platforms.driver import Drive
from tests.platforms.facts import all_facts, facts_of
from tests.platforms.test_contract import CASES, new_case

DELETING = {key: known.deletion for key, known in all_facts().items() if known.deletion}
THREADS = {key: known.thread for key, known in all_facts().items() if known.thread}
#: Networks where an account must have granted it.
GRANTED = [
    key
    for key, adapter in ADAPTERS.items()
    if any(login.deletion_scopes for login in adapter.logins.values())
]
_numbers = itertools.count(17841400000005000)


def connect(simulator, key: str) -> Drive:
    return facts.connect(simulator, key, str(next(_numbers)))


def published(simulator, key: str) -> tuple[Drive, str]:
    drive = connect(simulator, key)
    post_id = drive.finish(facts_of(key).usual.draft).id
    drive.requests.clear()
    return drive, post_id


def kinds() -> dict[str, Case]:
    return {name: case for name, case in CASES.items() if case.adapter.can_delete(case.draft)}


@pytest.mark.parametrize("name", kinds())
def test_each_kind_of_post_can_be_deleted(simulator, name):
    case = new_case(name)
    drive, number = case.connect(simulator), case.account_id
    post_id = drive.finish(case.draft).id
    assert simulator.posts(case.adapter.key, number)

    for part in drive.adapter.public_parts(drive.checkpoint) or [post_id]:
        assert drive.delete(part) == "deleted"
    assert not simulator.posts(case.adapter.key, number)


@pytest.mark.parametrize("key", DELETING)
def test_what_is_gone_is_already_gone(simulator, key):
    drive, post_id = published(simulator, key)
    drive.delete(post_id)

    # LinkedIn says the same of a post that it has just deleted.
    assert drive.delete(post_id) == ("deleted" if key == "linkedin" else "already_gone")


@pytest.mark.parametrize("key", DELETING)
def test_a_lost_answer_is_asked_for_again(simulator, key):
    drive, post_id = published(simulator, key)
    simulator.fault(key, call=DELETING[key].call, drop="after", times=1)

    with pytest.raises(Unavailable):
        drive.delete(post_id)
    assert drive.delete(post_id) in ("deleted", "already_gone")
    assert not simulator.posts(key, drive.account.platform_account_id)


@pytest.mark.parametrize("key", DELETING)
def test_an_answer_that_proves_nothing_is_no_deletion(simulator, key):
    drive, post_id = published(simulator, key)

    saying = [{"status": 200, "body": "{}"}] if DELETING[key].is_said else []
    for fault in ({"status": 500}, {"drop": "before"}, *saying):
        drive.fault(call=DELETING[key].call, **fault, times=1)
        with pytest.raises(Unavailable):
            drive.delete(post_id)
    drive.fault(call=DELETING[key].call, rate_limit_reset_seconds=60, times=1)
    with pytest.raises(RateLimited):
        drive.delete(post_id)
    assert drive.public()


@pytest.mark.parametrize("status", [200, 404])
@pytest.mark.parametrize("key", DELETING)
def test_a_page_of_something_in_front_of_the_network_is_no_deletion(simulator, key, status):
    drive, post_id = published(simulator, key)
    drive.fault(status=status, body="<html>Welcome</html>")

    with pytest.raises(PlatformError):
        drive.delete(post_id)
    assert drive.public()


@pytest.mark.parametrize("key", DELETING)
def test_another_accounts_post_is_never_deleted(simulator, key):
    ours, post_id = published(simulator, key)
    theirs = connect(simulator, key)

    try:
        removal = theirs.delete(post_id)
    except PlatformError:
        removal = "already_gone"
    assert removal == "already_gone"
    assert simulator.posts(key, ours.account.platform_account_id)


@pytest.mark.parametrize("key", DELETING)
def test_a_refused_permission_says_that_the_account_must_be_reconnected(simulator, key):
    drive, post_id = published(simulator, key)
    number, extra = drive.account.platform_account_id, dict(drive.account.extra)
    # The network knows which scopes the token has; the account's row does not.
    scopes = list(DELETING[key].scopes)
    token = simulator.connect(key, number, extra={**extra, "scopes": scopes})
    drive.account = dataclasses.replace(drive.account, token=token)
    if (body := DELETING[key].refusal) is not None:
        simulator.fault(key, call=DELETING[key].call, status=403, body=body)

    with pytest.raises(Unauthorized) as refusal:
        drive.delete(post_id)
    assert refusal.value.code == "permission_missing"
    assert "reconnect" in refusal.value.message
    assert simulator.posts(key, number)


@pytest.mark.parametrize("key", GRANTED)
def test_nothing_is_asked_of_an_account_that_is_known_not_to_have_granted_it(simulator, key):
    drive, post_id = published(simulator, key)
    scopes = ADAPTERS[key].login_of(drive.account).scopes
    drive.account = dataclasses.replace(drive.account, scopes=scopes)

    with pytest.raises(Unauthorized, match="reconnect"):
        drive.delete(post_id)
    assert not drive.requests


@pytest.mark.parametrize("key", GRANTED)
def test_a_consent_asks_for_it_only_if_the_operator_says_so(key):
    oauth = next(iter(ADAPTERS[key].logins.values()))
    scope = oauth.deletion_scopes[0]

    assert scope not in oauth.requested_scopes(App("a", "b"))
    assert scope in oauth.requested_scopes(App("a", "b", asks_to_delete=True))


@pytest.mark.parametrize("key", THREADS)
def test_the_ids_of_all_parts_of_a_thread_are_known(simulator, key):
    drive = connect(simulator, key)
    first = drive.finish(THREADS[key]).id
    parts = drive.adapter.public_parts(drive.checkpoint)
    assert (parts[0], len(parts)) == (first, 3)

    for part in reversed(parts):
        assert drive.delete(part) == "deleted"
    assert not simulator.posts(key, drive.account.platform_account_id)


@pytest.mark.parametrize("name", ["instagram", "tiktok", "facebook story", "facebook video story"])
def test_what_cannot_be_deleted_says_so(name):
    assert not CASES[name].adapter.can_delete(CASES[name].draft)


@pytest.mark.parametrize("key", sorted(set(ADAPTERS) - set(DELETING)))
def test_instagram_and_tiktok_do_not_let_apps_delete(simulator, key):
    drive = connect(simulator, key)

    with pytest.raises(Unsupported):
        drive.delete("1")
    assert not drive.requests


def test_the_wall_shows_a_deleted_post_as_removed(simulator):
    drive, post_id = published(simulator, "x")
    assert "Removed" not in simulator.http.get("/wall").text

    drive.delete(post_id)

    page = simulator.http.get("/wall").text
    assert "Removed" in page
    assert "<del>Hello</del>" in page
