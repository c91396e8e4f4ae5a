"""Keys are remembered for a second, as installations do; most other tests read each anew."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from destinations.runtime import clock
from posts.api import auth
from posts.keys import keys
from posts.models import ApiKey
from tests.factories import make_account, make_workspace
from tests.posts.conftest import make_caller, refused


@pytest.fixture
def later(settings, monkeypatch):
    """Lets seconds pass for what is remembered."""
    settings.KEY_CACHE_SECONDS = 1
    monkeypatch.setattr(auth, "_recent_keys", {})
    passed = [0.0]
    monkeypatch.setattr(auth, "time", SimpleNamespace(monotonic=lambda: passed[0]))

    def let_pass(seconds: float) -> None:
        passed[0] += seconds

    return let_pass


def reads_of_keys(captured: CaptureQueriesContext) -> int:
    return sum("digest =" in each["sql"] for each in captured)


def test_a_key_is_read_once_a_second(ada, later):
    with CaptureQueriesContext(connection) as captured:
        for _ in range(5):
            assert ada.get("/accounts").status_code == 200
    assert reads_of_keys(captured) == 1

    later(1)
    with CaptureQueriesContext(connection) as captured:
        ada.get("/accounts")
        ada.get("/accounts")
    assert reads_of_keys(captured) == 1


@pytest.mark.parametrize("change", ["revoked", "deleted", "rotated"])
def test_an_ended_key_is_refused_within_a_second(ada, later, change):
    assert ada.get("/accounts").status_code == 200

    if change == "revoked":
        keys.revoke(ada.key)
    if change == "deleted":
        ada.key.delete()
    if change == "rotated":
        keys.rotate(ada.key, timedelta(0))

    later(1)
    refused(ada.get("/accounts"), 401, "unauthorized")


def test_a_narrowed_key_is_narrow_within_a_second(ada, account, later):
    key = ApiKey.objects.filter(pk=ada.key.pk)
    assert ada.get(f"/accounts/{account.pk}").status_code == 200

    key.update(scopes=["read"], is_restricted=True)

    later(1)
    refused(ada.get(f"/accounts/{account.pk}"), 404, "not_found")
    refused(ada.post("/posts", {}), 403, "insufficient_scope")


def test_a_restricted_keys_accounts_change_within_a_second(ada, later):
    first, second = make_account(ada.workspace), make_account(ada.workspace, "x")
    ApiKey.objects.filter(pk=ada.key.pk).update(is_restricted=True)
    ada.key.accounts.set([first])
    assert ada.get(f"/accounts/{first.pk}").status_code == 200

    ada.key.accounts.set([second])

    later(1)
    refused(ada.get(f"/accounts/{first.pk}"), 404, "not_found")
    assert ada.get(f"/accounts/{second.pk}").status_code == 200


def test_changed_limits_count_within_a_second(ada, later):
    ApiKey.objects.filter(pk=ada.key.pk).update(request_limits="9/min")
    assert ada.get("/accounts").headers["X-RateLimit-Limit"] == "9"

    ApiKey.objects.filter(pk=ada.key.pk).update(request_limits="1/min")

    later(1)
    refused(ada.get("/accounts"), 429, "rate_limit_exceeded")


def test_a_key_expires_at_its_time(ada, later, monkeypatch):
    ApiKey.objects.filter(pk=ada.key.pk).update(expires_at=clock.now() + timedelta(hours=1))
    assert ada.get("/accounts").status_code == 200

    now = clock.now() + timedelta(hours=1)
    monkeypatch.setattr(clock, "now", lambda: now)

    refused(ada.get("/accounts"), 401, "unauthorized")


def test_what_was_unknown_is_known_as_soon_as_it_is_a_key(ada, later):
    secret = ada.secret
    digest = ApiKey.objects.get().digest
    ApiKey.objects.update(digest="0" * 64)
    refused(ada.get("/accounts"), 401, "unauthorized")

    ApiKey.objects.update(digest=digest)

    assert auth.find_key(secret) == ada.key


def test_only_so_many_keys_are_remembered(db, later, monkeypatch):
    monkeypatch.setattr(auth, "MOST_REMEMBERED", 2)
    callers = [make_caller(make_workspace(), str(number)) for number in range(5)]

    for caller in callers:
        assert auth.find_key(caller.secret) == caller.key
        assert len(auth._recent_keys) <= 2
