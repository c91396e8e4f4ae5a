import os
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from config.observability import probes as health
from config.queue import heartbeats, routing
from destinations import pauses
from destinations.dispatch import queues
from destinations.dispatch.restoring import restore_detector
from tests import programs
from tests.config.closed import closed_port
from tests.factories import make_account, make_post, make_workspace


@pytest.fixture(autouse=True)
def _ticking():
    health._recent.forget()
    cache.set(restore_detector.TICK_KEY, timezone.now().isoformat())


@pytest.fixture(autouse=True)
def _working(no_workers):
    for kind, served in routing.SERVED.items():
        heartbeats.record(f"{kind}@here", served)


def test_liveness_makes_no_query(client, django_assert_num_queries, db):
    with django_assert_num_queries(0):
        answer = client.get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_ready_when_everything_answers(client, db):
    answer = client.get("/readyz")

    assert answer.status_code == 200
    body = answer.json()
    assert body["status"] == "ok"
    assert body["checks"]["database"] == {"ok": True}
    assert body["checks"]["redis"] == {"ok": True}
    assert body["checks"]["beat"]["ok"] is True
    assert 0 <= body["checks"]["beat"]["age_seconds"] < 30
    served = {"ok": True, "alive": 1, "unserved_queues": []}
    assert body["checks"]["workers"] == {"ok": True, "worker": served, "uploader": served}
    assert body["checks"]["lateness"] == {"ok": True, "oldest_seconds": 0, "by_platform": {}}


@pytest.mark.parametrize("dead", routing.SERVED)
def test_a_dead_worker_is_named_and_takes_no_web_node_out_of_rotation(client, db, no_workers, dead):
    no_workers()
    for kind in routing.SERVED.keys() - {dead}:
        heartbeats.record(f"{kind}@here", routing.SERVED[kind])

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    checks = answer.json()["checks"]
    assert [name for name, check in checks.items() if not check["ok"]] == ["workers"]
    found = checks["workers"]
    assert found.pop("ok") is False
    assert [name for name, kind in found.items() if not kind["ok"]] == [dead]
    assert found[dead]["alive"] == 0
    assert found[dead]["unserved_queues"] == sorted(routing.SERVED[dead])
    assert client.get("/readyz?strict").status_code == 503
    assert (health.main(), health.main("--strict")) == (0, 1)


def test_dedicated_queues_are_a_kind_of_their_own(client, db, settings):
    settings.DEDICATED_QUEUES = {uuid.uuid4(): "acme"}

    found = client.get("/readyz").json()["checks"]["workers"]

    assert found.pop("ok") is False
    assert {name: kind["ok"] for name, kind in found.items()} == {
        "worker": True,
        "uploader": True,
        "acme": False,
    }
    assert found["acme"]["unserved_queues"] == sorted(queues.dedicated("acme"))


@pytest.mark.django_db(transaction=True)
def test_posts_that_are_claimed_and_do_not_begin_are_late(client, settings):
    """As behind an uploader that is frozen: each claim puts the rows off, and nothing begins."""
    settings.LATE_LIMIT_SECONDS = 60
    workspace, now = make_workspace(), timezone.now()
    for platform, seconds in (("youtube", 133), ("x", 10)):
        make_post(
            workspace,
            [make_account(workspace, platform)],
            wanted_at=now - timedelta(seconds=seconds),
            due_at=now + timedelta(seconds=50),
            claim=uuid.uuid4(),
        )

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    late = answer.json()["checks"]["lateness"]
    assert late["ok"] is False
    assert 133 <= late["oldest_seconds"] < 160
    assert set(late["by_platform"]) == {"youtube", "x"}
    assert client.get("/readyz?strict").status_code == 503


@pytest.mark.django_db(transaction=True)
def test_what_is_paused_is_told_without_names_of_customers_and_fails_nothing(client, settings):
    account = make_account(make_workspace("Acme"), "x", name="@acme")
    make_post(account.workspace, [account], wanted_at=timezone.now() - timedelta(hours=2))
    assert client.get("/readyz").json()["checks"]["lateness"]["ok"] is False

    pauses.pause("network", "x", by="operator:ada", reason="Down")
    pauses.pause("account", account.pk, by="operator:ada", reason="Down")

    health._recent.forget()
    answer = client.get("/readyz")
    told = {"installation": False, "networks": ["x"], "workspaces": 0, "accounts": 1}
    assert answer.json()["paused"] == told
    assert answer.json()["checks"]["lateness"]["ok"] is True
    assert "acme" not in answer.content.decode().lower()


@pytest.mark.parametrize(("age", "status"), [(5, "ok"), (31, "degraded")])
def test_an_old_tick_is_told_and_takes_no_web_node_out_of_rotation(
    client, db, settings, age, status
):
    settings.TICK_LIMIT_SECONDS = 30
    ticked_at = timezone.now() - timedelta(seconds=age)
    cache.set(restore_detector.TICK_KEY, ticked_at.isoformat())

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["status"]) == (200, status)
    assert answer.json()["checks"]["beat"]["last_tick_at"] == ticked_at.isoformat()


def test_that_there_was_no_tick_at_all_is_told(client, db):
    cache.delete(restore_detector.TICK_KEY)

    answer = client.get("/readyz?strict")

    assert answer.status_code == 503
    assert answer.json()["checks"]["beat"] == {
        "ok": False,
        "last_tick_at": None,
        "age_seconds": None,
    }


def test_a_database_that_is_away_is_told_without_its_address(client, db, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "HOST", "127.0.0.1")
    monkeypatch.setitem(connection.settings_dict, "PORT", closed_port())

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["checks"]["database"] == {"ok": False, "error": "no answer"}
    assert b"127.0.0.1" not in answer.content


def test_redis_that_is_away_is_told_without_its_address_and_the_api_goes_on(client, db, settings):
    backend = settings.CACHES["default"]
    location = f"redis://user:pw@127.0.0.1:{closed_port()}/0"
    settings.CACHES = {"default": {**backend, "LOCATION": location}}
    settings.REDIS_URL = location

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    checks = answer.json()["checks"]
    assert checks["redis"] == {"ok": False, "error": "no answer"}
    assert checks["beat"]["ok"] is False
    assert checks["workers"] == {"ok": False, "error": "no answer"}
    assert b"127.0.0.1" not in answer.content


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_need_neither_a_known_host_nor_https(client, db, settings, path):
    settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = ["example.com"]

    assert client.get(path, headers={"host": "10.0.0.7:8000"}).status_code == 200


def test_the_command_says_what_is_missing_and_fails(db, capsys):
    assert health.main("--strict") == 0
    cache.delete(restore_detector.TICK_KEY)

    assert health.main("--strict") == 1

    told = "database: ok\nredis: ok\nbeat: NOT OK\nworkers: ok\nlateness: ok\n"
    assert capsys.readouterr().out.endswith(told)


def test_the_command_runs_as_a_process_of_its_own():
    """As containers and operators start it, with nothing set up before."""
    away = {
        "DATABASE_URL": f"postgres://a@127.0.0.1:{closed_port()}/none",
        "REDIS_URL": f"redis://127.0.0.1:{closed_port()}/0",
    }
    command = [sys.executable, "-m", "config.observability.health", "--strict"]
    done = programs.run(command, env={**os.environ, **away})

    names = ("database", "redis", "beat", "workers", "lateness")
    assert done.stdout == "".join(f"{name}: NOT OK\n" for name in names)
    assert done.returncode == 1


def test_however_many_ask_the_checks_are_made_once_a_second(client, db, monkeypatch):
    made = []
    monkeypatch.setattr(health, "report", lambda: made.append(1) or {"status": "ok"})
    with ThreadPoolExecutor(40) as pool:
        found = list(pool.map(lambda _: health._recent.answer(), range(40)))
    assert found == [{"status": "ok"}] * 40
    assert len(made) == 1
    monkeypatch.setattr(health._recent, "_good_until", 0.0)
    assert client.get("/readyz").status_code == 200
    assert len(made) == 2
