import re
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from destinations.runtime import clock
from posts.errors import RequestRefused
from posts.keys import keys
from posts.models import ApiKey
from tests.posts.conftest import Caller, make_caller, refused

HOUR = timedelta(hours=1)


def command(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue().strip()


def test_a_rotated_key_matches_the_old_one_and_both_work_during_the_overlap(ada, account):
    old, old_secret = keys.create(
        ada.workspace,
        "CI",
        ["write"],
        accounts=[account],
        request_limits="5/min",
        post_limits="none",
    )

    before = clock.now()
    new, secret = keys.rotate(old, HOUR)

    assert (new.name, new.scopes, new.request_limits, new.post_limits) == (
        "CI",
        ["write"],
        "5/min",
        "none",
    )
    assert new.reach == old.reach
    assert new.reach.only == {account.pk}
    assert new.expires_at is None
    old.refresh_from_db()
    assert before + HOUR <= old.expires_at <= clock.now() + HOUR
    assert old.replaced_by == new
    assert (keys.recognise(old_secret), keys.recognise(secret)) == (old, new)

    ApiKey.objects.filter(pk=old.pk).update(expires_at=clock.now())
    refused(Caller(ada.workspace, old, old_secret).post("/posts", {}), 401, "unauthorized")
    refused(Caller(ada.workspace, new, secret).post("/posts", {}), 400, "validation_error")


def test_without_an_overlap_the_old_key_stops_at_once(ada):
    new, secret = keys.rotate(ada.key, timedelta(0))

    refused(ada.get("/posts"), 401, "unauthorized")
    assert Caller(ada.workspace, new, secret).get("/posts").status_code == 200


def test_an_overlap_never_extends_the_old_key_and_the_new_one_lives_as_long(ada):
    soon = clock.now() + timedelta(minutes=5)
    made_at = soon - timedelta(days=90)
    ApiKey.objects.filter(pk=ada.key.pk).update(expires_at=soon, created_at=made_at)

    before = clock.now()
    new, _ = keys.rotate(ada.key, HOUR)

    ada.key.refresh_from_db()
    assert ada.key.expires_at == soon
    assert before <= new.expires_at - timedelta(days=90) <= clock.now()


@pytest.mark.parametrize("ended", ["revoked", "expired", "replaced"])
def test_ended_or_replaced_keys_cannot_be_rotated(ada, ended):
    if ended == "revoked":
        keys.revoke(ada.key)
    if ended == "expired":
        ApiKey.objects.update(expires_at=clock.now())
    if ended == "replaced":
        keys.rotate(ada.key, HOUR)
    before = list(ApiKey.objects.order_by("pk").values())

    with pytest.raises(RequestRefused) as caught:
        keys.rotate(ada.key, HOUR)

    assert caught.value.code == "conflict"
    assert list(ApiKey.objects.order_by("pk").values()) == before


def test_with_ten_keys_only_a_rotation_without_overlap_is_possible(ada):
    for number in range(9):
        make_caller(ada.workspace, str(number))

    with pytest.raises(RequestRefused) as caught:
        keys.rotate(ada.key, HOUR)

    assert caught.value.code == "key_limit_reached"
    ada.key.refresh_from_db()
    assert (ada.key.expires_at, ada.key.replaced_by) == (None, None)
    keys.rotate(ada.key, timedelta(0))
    assert sum(key.is_active for key in ApiKey.objects.all()) == 10


def test_the_commands_rotate_and_revoke(ada):
    secret = command("rotate_api_key", ada.key.prefix, "--overlap", "90min")

    new = keys.recognise(secret)
    ada.key.refresh_from_db()
    assert ada.key.replaced_by == new
    assert ada.key.expires_at - clock.now() < timedelta(minutes=90)

    assert command("revoke_api_key", str(new.pk)) == f"Revoked {new}."
    assert keys.recognise(secret) is None
    with pytest.raises(CommandError, match="was already revoked"):
        command("revoke_api_key", str(new.pk))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["rotate_api_key", "pe_live_none"], "There is no key"),
        (["revoke_api_key", "pe_live_none"], "There is no key"),
        (["rotate_api_key", "{prefix}", "--overlap", "soon"], "write it like"),
    ],
)
def test_a_failing_command_tells_why(ada, words, said):
    with pytest.raises(CommandError, match=said):
        command(*(word.format(prefix=ada.key.prefix) for word in words))

    assert [key.state for key in ApiKey.objects.all()] == ["Active"]


def test_two_keys_with_the_same_prefix_are_distinguished_by_id(ada, bo):
    ApiKey.objects.update(prefix="pe_live_4f3c")

    with pytest.raises(CommandError, match="pass an id"):
        command("revoke_api_key", "pe_live_4f3c")
    command("revoke_api_key", str(bo.key.pk))

    assert [key.state for key in (ada.key, ApiKey.objects.get(pk=bo.key.pk))] == [
        "Active",
        "Revoked",
    ]


def test_the_list_shows_permissions_and_never_secrets(ada, account, cy):
    keys.create(ada.workspace, "one account", ["read"], accounts=[account], request_limits="none")
    keys.revoke(cy.key)

    shown = command("list_api_keys", "--workspace", "Acme")

    heading, narrow, wide = shown.splitlines()
    assert heading.split()[:4] == ["KEY", "STATE", "WORKSPACE", "NAME"]
    words = [re.split(r"\s{2,}", line) for line in (narrow, wide)]
    assert words[0][1:8] == [
        "Active",
        "Acme",
        "one account",
        "read",
        str(account.pk),
        "none default",
        "never",
    ]
    assert words[1][:8] == [
        ada.key.prefix,
        "Active",
        "Acme",
        "Ada",
        "read,write,ai,approve",
        "all",
        "default",
        "never",
    ]
    assert ada.secret not in shown
    assert "Revoked" not in command("list_api_keys")
    everything = command("list_api_keys", "--all", "--workspace", str(cy.workspace.pk))
    assert "Revoked" in everything
    assert len(everything.splitlines()) == 2


def test_the_command_creates_a_restricted_key_with_its_own_limits(account):
    words = ["create_api_key", "--workspace", "Acme", "--name", "CI"]

    secret = command(
        *words, "--accounts", str(account.pk), "--request-limits", "9/min", "--post-limits", "none"
    )

    key = keys.recognise(secret)
    assert (key.reach.only, key.request_limits, key.post_limits) == ({account.pk}, "9/min", "none")
    for wrong in (["--accounts", "999"], ["--accounts", "x"], ["--request-limits", "many"]):
        with pytest.raises(CommandError):
            command(*words, *wrong)
    assert ApiKey.objects.count() == 2
