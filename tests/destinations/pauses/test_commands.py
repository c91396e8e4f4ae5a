"""`manage.py pause` and `resume`, for runbooks."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from destinations import pauses
from destinations.models import Destination
from tests.destinations.dispatch.rows import make_accounts, make_rows

pytestmark = pytest.mark.django_db


def test_a_network_is_paused_listed_and_resumed(capsys):
    (account,) = make_accounts(1)
    make_rows([account], 3)

    call_command("pause", "network", "x", "--reason", "X loses posts")
    call_command("pause")

    said = capsys.readouterr().out
    assert "Paused: X." in said
    assert "3 wait: X loses posts" in said
    call_command("resume", "network", "x")
    assert pauses.active() == []


@pytest.mark.parametrize(("options", "left"), [([], 2), (["--lift-limits"], 0)])
def test_limits_are_lifted_only_if_asked(options, left):
    (account,) = make_accounts(1)
    make_rows([account], 2, not_after=timezone.now() - timedelta(minutes=1))
    call_command("pause", "account", str(account.pk), "--reason", "Wrong texts")

    call_command("resume", "account", str(account.pk), *options)

    assert Destination.objects.filter(not_after__isnull=False).count() == left


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("pause", "network", "x"), "--reason"),
        (("pause", "network", "friendster", "--reason", "Gone"), "no network friendster"),
        (("resume", "network", "x"), "not paused"),
    ],
)
def test_what_cannot_be_done_is_said(arguments, message):
    with pytest.raises(CommandError, match=message):
        call_command(*arguments)


def test_a_second_pause_is_refused():
    call_command("pause", "installation", "--reason", "Wrong database")

    with pytest.raises(CommandError, match="Already paused"):
        call_command("pause", "installation", "--reason", "Wrong database")
