import time

import pytest

from config.status import servers, setup

NOW = time.time()
INFO = {"maxmemory": 0, "maxmemory_policy": "noeviction", "uptime_in_seconds": 90_000}


def test_servers_that_are_as_they_should_be_are_fine(db):
    found = [*servers.check_database(), *servers.check_redis()]

    found = [finding for finding in found if " is off: " not in finding.said]
    assert {finding.level for finding in found} == {"ok"}
    assert {finding.subject for finding in found} == {"database", "redis", "clock"}


def test_a_postgresql_that_may_lose_what_it_has_committed_is_a_problem(db):
    """As that of the tests may."""
    found = [each for each in servers.check_database() if each.level == "problem"]

    assert [each.said.partition(":")[0] for each in found] == [
        "fsync is off",
        "full_page_writes is off",
    ]
    assert "fsync = on" in found[0].remedy
    assert list(servers.crash_safety("on", "on")) == []


@pytest.mark.parametrize("policy", ["allkeys-lru", "volatile-ttl"])
def test_a_redis_that_evicts_is_a_problem(policy):
    about = {**INFO, "maxmemory": 512 * 1024**2, "maxmemory_policy": policy}

    finding = servers.eviction(about)

    assert finding.level == "problem"
    assert "512 MB" in finding.said
    assert "noeviction" in finding.remedy


def test_a_redis_without_a_limit_evicts_nothing():
    assert servers.eviction({**INFO, "maxmemory_policy": "allkeys-lru"}).level == "ok"


@pytest.mark.parametrize(
    ("about", "level"),
    [
        ({"rdb_last_save_time": NOW - 89_999}, "warning"),
        ({"rdb_last_save_time": NOW - 60}, "ok"),
        ({"aof_enabled": 1}, "ok"),
        ({"uptime_in_seconds": 60}, "ok"),
        ({"rdb_last_save_time": NOW - 60, "rdb_last_bgsave_status": "err"}, "warning"),
    ],
)
def test_a_redis_that_is_never_saved_or_cannot_be_is_told(about, level):
    assert servers.persistence({**INFO, **about}).level == level


@pytest.mark.parametrize(
    ("its_time", "level"), [(100.5, "ok"), (95.0, "problem"), (106, "problem")]
)
def test_a_clock_is_judged_beyond_what_the_question_took(its_time, level):
    assert servers.skew("Redis", its_time, 100.0, 101.0).level == level


def test_migrations_that_were_not_applied_are_named(db, monkeypatch):
    applied = setup.MigrationExecutor.migration_plan

    def without_the_last(self, targets):
        del self.loader.applied_migrations[("posts", self.loader.graph.leaf_nodes("posts")[0][1])]
        return applied(self, targets)

    monkeypatch.setattr(setup.MigrationExecutor, "migration_plan", without_the_last)

    [finding] = setup.check_migrations()

    assert finding.level == "problem"
    assert "posts.0" in finding.said


def test_migrations_that_are_all_applied_are_fine(db):
    assert [finding.level for finding in setup.check_migrations()] == ["ok"]
