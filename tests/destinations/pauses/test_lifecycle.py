"""Pausing and resuming: who, since when, and once per target."""

import uuid

import pytest
from django.db import IntegrityError, transaction

from destinations import pauses
from destinations.models import Pause
from destinations.pauses.lifecycle import UnknownTarget
from tests.factories import make_account, make_workspace

pytestmark = pytest.mark.django_db


def test_a_pause_says_who_why_and_since_when():
    made = pauses.pause("network", "x", by="operator:ada", reason="It loses posts")

    (found,) = pauses.active()

    assert found == made
    assert (found.key, found.name, found.paused_by) == ("network:x", "X", "operator:ada")
    assert found.reason == "It loses posts"
    assert found.paused_at is not None
    assert found.resumed_at is None


def test_a_resumed_pause_stays_as_history():
    made = pauses.pause("network", "x", by="operator:ada", reason="It loses posts")

    resumed = pauses.resume(made.pk, by="operator:cy")

    assert pauses.active() == []
    assert resumed.resumed_by == "operator:cy"
    assert Pause.objects.get().resumed_at >= made.paused_at
    assert pauses.resume(made.pk, by="operator:cy") is None


def test_a_target_is_paused_once_at_a_time():
    first = pauses.pause("network", "x", by="operator:ada", reason="Down")

    with pytest.raises(pauses.AlreadyPaused):
        pauses.pause("network", "x", by="operator:cy", reason="Down")
    pauses.pause("network", "threads", by="operator:cy", reason="Down")
    pauses.resume(first.pk, by="operator:ada")
    pauses.pause("network", "x", by="operator:ada", reason="Down again")

    assert [each.target for each in pauses.active()] == ["threads", "x"]
    again = pauses.active()[0]
    again.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        again.save(force_insert=True)


@pytest.mark.parametrize(
    ("scope", "target"),
    [
        ("network", "friendster"),
        ("workspace", str(uuid.UUID(int=7))),
        ("workspace", "acme"),
        ("account", "0"),
        ("account", "9" * 30),
        ("account", "acme"),
        ("installation", "x"),
        ("planet", "x"),
    ],
)
def test_what_does_not_exist_is_not_paused(scope, target):
    with pytest.raises(UnknownTarget):
        pauses.pause(scope, target, by="operator:ada", reason="Down")


def test_the_widest_pause_that_covers_an_account_is_told():
    workspace = make_workspace("Acme")
    account = make_account(workspace, name="@acme")
    args = ("x", workspace.pk, account.pk)
    for scope, target, name in (
        ("account", account.pk, "@acme on X"),
        ("workspace", workspace.pk, "Acme"),
        ("network", "x", "X"),
        ("installation", "", "the whole installation"),
    ):
        assert pauses.pause(scope, target, by="operator:ada", reason="Down").name == name
        assert pauses.covering(pauses.active(), *args).scope == scope

    other = pauses.covering(pauses.active()[1:], "threads", make_workspace().pk, account.pk + 1)
    assert other is None


def test_active_pauses_are_read_by_one_statement(django_assert_num_queries):
    pauses.pause("network", "x", by="operator:ada", reason="Down")
    pauses.pause("network", "threads", by="operator:ada", reason="Down")

    with django_assert_num_queries(1):
        assert len(pauses.active()) == 2
