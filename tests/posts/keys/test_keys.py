from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from posts.errors import RequestRefused
from posts.keys import keys
from posts.models import ApiKey, Workspace
from tests.factories import make_workspace
from tests.posts.cases import apart


def test_a_key_needs_known_scopes(db):
    for scopes in ([], ["admin"], ["read", "admin"]):
        with apart(scopes):
            with pytest.raises(RequestRefused):
                keys.create(make_workspace(), "CI", scopes)
            assert ApiKey.objects.count() == 0


def test_use_is_stored_at_most_once_a_minute(ada):
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


def test_a_refused_command_creates_no_workspace(db):
    with pytest.raises(CommandError):
        command("--workspace", "A", "--name", "B", "--scopes", "all", "--create-workspace")

    assert Workspace.objects.count() == 0


def test_an_ambiguous_workspace_name_needs_an_id(db):
    make_workspace("Acme")
    make_workspace("Acme")

    with pytest.raises(CommandError, match="pass an id"):
        command("--workspace", "Acme", "--name", "CI")
