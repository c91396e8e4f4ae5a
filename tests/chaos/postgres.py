"""PostgreSQL restarts, crashes, hangs, is away, takes no writes, or loses its answers.

Meanwhile customers are told so, nothing is stored of what they ask, and what networks have
answered is kept in mind until it can be written down.
"""

from collections.abc import Callable
from functools import partial

import psycopg

from tests.chaos.aftermath import goes_on, missing
from tests.chaos.answers import PUBLISHING
from tests.chaos.ground import WORKERS, Ground
from tests.chaos.proxy import CommitProxy, proxy_of_commits
from tests.chaos.scenario import LEASE_SECONDS, LIVE_SECONDS, Scenario
from tests.chaos.servers import POSTGRES, Servers

#: How long a network holds back that it has accepted; less than a client waits.
LATE_SECONDS = 25
AWAY_SECONDS = 60
FROZEN_SECONDS = 20
CUTS, CUT_EVERY_SECONDS = 80, 0.1
#: Of so many commits one loses its answer, and one gets it so many seconds after the lease's end.
LOSE_EVERY, LATE_EVERY, SPARE_SECONDS = 3, 40, 3
#: Accounts of each network that the posts share, so that those of one wait for each other.
SHARED = 2
REFUSED = "Refused because the database is away"
CUT = """
SELECT count(*) FILTER (WHERE xact_start IS NOT NULL), count(pg_terminate_backend(pid))
FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""


def breaks(ground: Ground, end: Callable[[Servers, str], None], seconds: float) -> None:
    """It ends while every network has accepted something that it does not know yet."""
    _get_ahead(ground)
    end(ground.servers, POSTGRES)
    ground.mend()
    if seconds:
        _assert_refused(ground)
        assert "database" in missing(ground)
        ground.pause(seconds)
    ground.servers.start(POSTGRES)
    ground.ask()
    goes_on(ground)
    assert _stored(ground, REFUSED) == 0


def read_only(ground: Ground) -> None:
    """It takes no writes, as a primary that has become a standby or whose disk is full."""
    _get_ahead(ground)
    _set_read_only(ground, "on")
    ground.mend()
    _assert_refused(ground)
    ground.pause(AWAY_SECONDS)
    _set_read_only(ground, "off")
    ground.ask()
    goes_on(ground)
    assert _stored(ground, REFUSED) == 0


def _set_read_only(ground: Ground, word: str) -> None:
    with psycopg.connect(ground.servers.database_url, autocommit=True) as server:
        server.execute(f"ALTER SYSTEM SET default_transaction_read_only = {word}")
        server.execute("SELECT pg_reload_conf()")


def cut(ground: Ground) -> None:
    for network in ground.networks:
        ground.fault(network, delay_seconds=0.5)
    ground.ask()
    ground.ask(in_seconds=3)
    in_transactions = 0
    for number in range(CUTS):
        ((busy, _),) = ground.stack.rows(CUT)
        in_transactions += busy
        if number % 10 == 0:
            ground.ask(1)
        ground.pause(CUT_EVERY_SECONDS)
    assert in_transactions, "No transaction was cut"
    ground.mend()
    goes_on(ground)


def frozen(ground: Ground) -> None:
    for network in ground.networks:
        ground.fault(network, delay_seconds=2)
    ground.ask()
    ground.until("posts are in flight", partial(ground.count, "publishing"))
    with ground.servers.frozen(POSTGRES, FROZEN_SECONDS):
        ground.mend()
        assert missing(ground) >= {"database"}
        ground.ask(1)
    goes_on(ground)


def loses_answers(ground: Ground) -> None:
    for name in WORKERS:
        ground.stack.stop(name)
    ground.share(SHARED)
    with proxy_of_commits(ground.servers.postgres_socket, LOSE_EVERY) as proxy:
        _work_through(ground, proxy)
        assert "too_late" in _logs(ground), "Nothing was recorded twice"
        goes_on(ground)
        ground.settle()


def late_answers(ground: Ground) -> None:
    """A worker does not learn that its commit is made until its lease is over."""
    for name in WORKERS:
        ground.stack.stop(name)
    ground.share(SHARED)
    late_by = ground.stack.lease_seconds + SPARE_SECONDS
    with proxy_of_commits(ground.servers.postgres_socket, LATE_EVERY, late_by) as proxy:
        _work_through(ground, proxy)
        goes_on(ground)
        ground.settle()


def _work_through(ground: Ground, proxy: CommitProxy) -> None:
    """Both workers publish what is asked for now, until the proxy is healed."""
    for name in WORKERS:
        ground.start_worker(name, env={"DATABASE_URL": proxy.database_url})
    ground.ask()
    ground.ask(in_seconds=5)
    ground.settle()
    proxy.heal()
    assert proxy.hurt


def _get_ahead(ground: Ground) -> None:
    """Every network has accepted something that the database does not know yet."""
    for network in ground.networks:
        for call in PUBLISHING[network]:
            ground.fault(network, call=call, delay_seconds=LATE_SECONDS)
    ground.ask()
    ground.ask(1, in_seconds=20)
    ground.until("every network is ahead of us", lambda: _ahead(ground) == set(ground.networks))


def _ahead(ground: Ground) -> set[str]:
    """Networks with public posts of which the database does not know that they are."""
    marks = {(mark, network) for mark, network, _ in ground.public()}
    own = ground.own()
    return {
        row.platform
        for (mark, _), row in own.items()
        if (mark, row.platform) in marks and row.status != "published"
    }


def _assert_refused(ground: Ground) -> None:
    """A customer learns that it is not his fault, and that he may ask again."""
    body = {"content": REFUSED, "account_ids": [next(iter(ground.team.accounts))]}
    answer = ground.team.http.post("posts", json=body)
    assert answer.status_code == 503, answer.text
    error = answer.json()["error"]
    assert (error["code"], error["retryable"]) == ("service_unavailable", True)
    assert ground.ask(1) == [], "A post was accepted and cannot have been stored"


def _stored(ground: Ground, content: str) -> int:
    ((count,),) = ground.stack.rows("SELECT count(*) FROM posts_post WHERE content = %s", content)
    return int(count)


def _logs(ground: Ground) -> str:
    return "".join((ground.stack.home / f"{name}.log").read_text() for name in WORKERS)


SCENARIOS = [
    Scenario(
        "postgres-restarted",
        "PostgreSQL may be restarted while networks accept posts.",
        partial(breaks, end=Servers.stop, seconds=0),
    ),
    Scenario(
        "postgres-killed",
        "PostgreSQL may crash while networks accept posts.",
        partial(breaks, end=Servers.kill, seconds=0),
    ),
    Scenario(
        "postgres-away",
        "PostgreSQL may be away for longer than any lease right after networks accepted; "
        "meanwhile posts are refused with 503 and nothing is stored of them.",
        partial(breaks, end=Servers.stop, seconds=AWAY_SECONDS),
    ),
    Scenario(
        "postgres-read-only",
        "PostgreSQL may take no writes for longer than any lease right after networks accepted, as "
        "a primary that has become a standby; meanwhile posts are refused with 503.",
        read_only,
    ),
    Scenario(
        "postgres-cut",
        "Connections may be cut in the middle of transactions, again and again.",
        cut,
    ),
    Scenario("postgres-frozen", "PostgreSQL may hang without refusing connections.", frozen),
    Scenario(
        "postgres-answers-lost",
        "A commit whose acknowledgement is lost may be repeated.",
        loses_answers,
        keeps_order=True,
    ),
    Scenario(
        "postgres-answers-late",
        "The acknowledgement of a commit may come when the lease is over and others have the work.",
        late_answers,
        keeps_order=True,
        # The commit of the post itself may be the one whose answer is late.
        public_within=LEASE_SECONDS + LIVE_SECONDS,
    ),
]
