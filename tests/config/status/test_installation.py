"""Processes, credentials and networks."""

import uuid
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from config.management.commands import doctor
from config.management.commands.doctor import findings
from config.queue import heartbeats, routing
from config.status.fact import ok, problem, warning
from destinations.dispatch.restoring import restore_detector
from platforms.registry import ADAPTERS
from tests.config.closed import closed_port
from tests.factories import make_account, make_workspace


def levels(found):
    return [finding.level for finding in found]


@pytest.mark.parametrize(("seconds", "level"), [(1, "ok"), (120, "problem")])
def test_beat_is_judged_by_its_last_tick(db, seconds, level):
    cache.set(restore_detector.TICK_KEY, (timezone.now() - timedelta(seconds=seconds)).isoformat())

    assert levels(findings(["beat"])) == [level]


def test_beat_that_never_ticked_is_a_problem(db):
    cache.delete(restore_detector.TICK_KEY)

    assert levels(findings(["beat"])) == ["problem"]


@pytest.mark.parametrize(
    ("name", "level"), [("Enqueue what is due", "problem"), ("Forget logins", "warning")]
)
def test_a_disabled_periodic_task_is_named(db, name, level):
    assert levels(findings(["tick", "schedule"])) == ["ok", "ok"]
    PeriodicTask.objects.filter(name=name).update(enabled=False)

    [finding] = [each for each in findings(["tick", "schedule"]) if each.level != "ok"]

    assert finding.level == level
    assert name in finding.said


def test_a_kind_of_worker_that_is_missing_is_a_problem(no_workers):
    heartbeats.record("worker@here", routing.SERVED["worker"])

    found = list(findings(["workers"]))

    assert levels(found) == ["ok", "problem"]
    assert "publish.youtube.upload" in found[1].said


def test_dedicated_queues_without_a_worker_are_a_problem_of_their_own(no_workers, settings):
    settings.DEDICATED_QUEUES = {uuid.uuid4(): "acme"}
    for kind, queues in routing.SERVED.items():
        heartbeats.record(f"{kind}@here", queues)

    found = list(findings(["workers"]))

    assert levels(found) == ["ok", "ok", "problem"]
    assert "publish.x.acme, " in found[2].said
    assert "SCALING" in found[2].remedy

    heartbeats.record("acme@here", routing.served()["acme"])
    assert levels(findings(["workers"])) == ["ok"] * 3


def test_a_mistyped_workspace_of_dedicated_queues_is_named(db, settings):
    assert list(findings(["dedicated queues"])) == []
    settings.DEDICATED_QUEUES = {make_workspace().pk: "acme"}
    assert levels(findings(["dedicated queues"])) == ["ok"]

    settings.DEDICATED_QUEUES[mistyped := uuid.uuid4()] = "acme"
    [finding] = findings(["dedicated queues"])

    assert finding.level == "warning"
    assert str(mistyped) in finding.said


def test_accounts_whose_key_is_gone_are_named(db, settings):
    make_account(make_workspace(), name="@lost")
    assert levels(findings(["credentials"])) == ["ok"]
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]

    [finding] = findings(["credentials"])

    assert finding.level == "problem"
    assert "1 of 1" in finding.said
    assert "@lost" in finding.said


def test_networks_that_answer_are_fine(simulator):
    found = list(findings(["egress"]))

    assert levels(found) == ["ok"] * len(ADAPTERS)


def test_a_network_that_cannot_be_reached_is_a_problem_only_where_it_is_used(settings):
    settings.SIMULATOR_URL = f"http://127.0.0.1:{closed_port()}"
    settings.PLATFORM_APPS = {"x": object()}

    found = {finding.said.partition(" ")[0]: finding.level for finding in findings(["egress"])}

    assert found.pop("X") == "problem"
    assert set(found.values()) == {"warning"}


@pytest.mark.parametrize(
    ("found", "options", "fails"),
    [
        ([ok("beat", "ticks")], [], False),
        ([warning("beat", "is slow", "Wait.")], [], False),
        ([warning("beat", "is slow", "Wait.")], ["--strict"], True),
        ([problem("beat", "is gone", "Start it.")], [], True),
    ],
)
def test_the_exit_status_tells_whether_posts_are_in_danger(monkeypatch, found, options, fails):
    monkeypatch.setattr(doctor, "findings", lambda: found)

    if fails:
        with pytest.raises(CommandError):
            call_command("doctor", *options)
    else:
        call_command("doctor", *options)


def test_what_is_wrong_stands_before_how_to_mend_it(monkeypatch, capsys):
    found = [ok("redis", "is fine"), problem("beat", "is gone", "Start it.")]
    monkeypatch.setattr(doctor, "findings", lambda: found)

    with pytest.raises(CommandError, match="1 problem, 0 warnings, 1 fine"):
        call_command("doctor", "--quiet", "--no-color")

    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines == [["problem", "beat", "is", "gone"], ["Start", "it."]]


def test_a_redis_that_is_away_is_named_once_and_ends_nothing(db, settings):
    settings.REDIS_URL = f"redis://:secret@127.0.0.1:{closed_port()}/0"
    found = list(findings(["workers", "workers", "credentials"]))

    assert levels(found) == ["problem", "ok"]
    assert "secret" not in found[0].said
