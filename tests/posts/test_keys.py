import re
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from destinations import clock
from posts import keys
from posts.models import ApiKey, Workspace
from posts.refusals import Refused
from tests.factories import make_workspace
from tests.posts.conftest import refused


def test_a_key_is_shown_once_and_only_its_hash_is_kept(db):
    key, secret = keys.create(make_workspace(), "CI", ["write", "read"])

    assert re.fullmatch(r"pe_live_[a-f0-9]{32}", secret)
    assert key.prefix == secret[:12]
    assert key.scopes == ["read", "write"]
    row = ApiKey.objects.values().get()
    assert row["digest"] == keys.digest(secret)
    assert secret not in str(row)


def test_a_workspace_has_ten_active_keys_at_most(db):
    workspace = make_workspace()
    made = [keys.create(workspace, str(n), ["read"])[0] for n in range(10)]

    with pytest.raises(Refused) as caught:
        keys.create(workspace, "eleventh", ["read"])

    assert (caught.value.code, ApiKey.objects.count()) == ("key_limit_reached", 10)
    assert keys.revoke(made[0]) is True
    assert keys.revoke(made[0]) is False
    keys.create(workspace, "eleventh", ["read"])
    keys.create(make_workspace("Elsewhere"), "first", ["read"])


@pytest.mark.parametrize("scopes", [[], ["admin"], ["read", "admin"]])
def test_a_key_needs_known_scopes(db, scopes):
    with pytest.raises(Refused):
        keys.create(make_workspace(), "CI", scopes)
    assert ApiKey.objects.count() == 0


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic {secret}",
        "{secret}",
        "Bearer {secret}0",
        "Bearer {upper}",
        "Bearer pe_live_" + "0" * 32,
        "Bearer pe_test_" + "0" * 32,
        "Bearer {secret} {secret}",
        "Bearer \xff",
    ],
)
def test_anything_but_a_known_key_is_unauthorized(ada, header):
    text = header.format(secret=ada.secret, upper=ada.secret.upper())

    response = Client().get("/api/v1/posts", headers={"Authorization": text})

    refused(response, 401, "unauthorized")
    assert response["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("field", ["expires_at", "revoked_at"])
def test_a_key_that_has_ended_is_unauthorized(ada, field):
    assert ada.get("/posts").status_code == 200
    ApiKey.objects.update(**{field: clock.now() - timedelta(seconds=1)})

    refused(ada.get("/posts"), 401, "unauthorized")


def test_use_is_noted_at_most_once_a_minute(ada):
    ada.get("/posts")
    first = ApiKey.objects.get().last_used_at
    ada.get("/posts")
    assert ApiKey.objects.get().last_used_at == first

    ApiKey.objects.update(last_used_at=first - timedelta(minutes=2))
    ada.get("/posts")
    assert ApiKey.objects.get().last_used_at >= first


def command(*words: str) -> str:
    out = StringIO()
    call_command("create_api_key", *words, stdout=out)
    return out.getvalue().strip()


def test_the_command_prints_a_working_key(db):
    with pytest.raises(CommandError):
        command("--workspace", "Acme", "--name", "CI")
    assert Workspace.objects.count() == 0

    secret = command("--workspace", "Acme", "--name", "CI", "--create-workspace")
    again = command("--workspace", str(Workspace.objects.get().pk), "--name", "B", "--scopes", "ai")

    assert keys.recognise(secret).scopes == ["read", "write"]
    assert keys.recognise(again).workspace == keys.recognise(secret).workspace


def test_a_refused_command_makes_no_workspace_either(db):
    with pytest.raises(CommandError):
        command("--workspace", "A", "--name", "B", "--scopes", "all", "--create-workspace")

    assert Workspace.objects.count() == 0


def test_the_command_asks_which_of_two_workspaces(db):
    make_workspace("Acme")
    make_workspace("Acme")

    with pytest.raises(CommandError, match="give an id"):
        command("--workspace", "Acme", "--name", "CI")
