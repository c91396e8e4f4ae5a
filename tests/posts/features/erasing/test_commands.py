"""`manage.py erase_workspace` and `manage.py erase_account`."""

import io

import pytest
from django.core.management import CommandError, call_command

from destinations.models import Account, Destination, Pause
from posts.features.erasing.models import Erasure
from posts.models import Post, Workspace
from tests.factories import make_account, make_post, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> Account:
    return make_account(make_workspace("Acme"), name="@acme")


def run(name: str, *words: object, **options: str) -> str:
    out = io.StringIO()
    call_command(name, *map(str, words), stdout=out, **options)
    return out.getvalue()


@pytest.mark.parametrize("typed", ["", "acme"])
def test_without_the_name_it_only_says_what_would_go_and_what_stays(account, typed):
    make_post(account.workspace, [account], status="published", due_at=None)
    out = io.StringIO()

    with pytest.raises(CommandError, match="Nothing was erased"):
        call_command("erase_workspace", str(account.workspace_id), confirm=typed, stdout=out)

    assert "1  post\n" in out.getvalue()
    assert "1  of these public, and staying so" in out.getvalue()
    assert "What is public stays public" in out.getvalue()
    assert not Erasure.objects.exists()
    assert Workspace.objects.exists()


def test_a_workspace_is_erased(account):
    other = make_account(make_workspace("Other"))

    said = run("erase_workspace", account.workspace_id, confirm="Acme")

    assert said == f"Erased: workspace {account.workspace_id}.\n"
    assert list(Account.objects.all()) == [other]
    assert list(Workspace.objects.values_list("name", flat=True)) == ["Other"]
    assert not Pause.objects.exists()
    assert Erasure.objects.get().asked_by == "operator:command"


def test_an_account_is_erased_and_its_workspace_stays(account):
    make_post(account.workspace, [account], status="published", due_at=None)

    run("erase_account", account.pk, confirm="@acme")

    assert not Account.objects.exists()
    assert not Post.objects.exists()
    assert Workspace.objects.exists()


def test_it_says_what_it_waits_for_and_goes_on_when_it_is_repeated(account):
    make_post(account.workspace, [account], status="unconfirmed", attempts=1)

    said = run("erase_workspace", account.workspace_id, confirm="Acme")

    assert "what waits: posts whose networks have not answered yet: 1" in said
    assert Destination.objects.update(status="failed", due_at=None)
    assert "Erased" in run("erase_workspace", account.workspace_id)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("erase_workspace", "no-id"),
        ("erase_workspace", "6f9619ff-8b86-d011-b42d-00cf4fc964ff"),
        ("erase_account", "x"),
        ("erase_account", "9" * 30),
    ],
)
def test_what_does_not_exist_is_said(command, words):
    with pytest.raises(CommandError, match="There is no"):
        run(command, words)
