"""Pages, counts and summaries of a workspace with a million posts.

In this process, as in `api`. Milliseconds of CPU, of the web process and PostgreSQL together.
"""

import time

from tests.bench import api  # isort: skip  # before Django's models

import psutil
from django.db import connection

from destinations.models import Account
from posts.features.analytics import counting
from posts.keys import keys
from tests.bench import reads
from tests.bench.api_cases import Case
from tests.bench.result import Result, at_most, median

POSTS = 1_000_000
#: More than are looked at to see whether a filter is frequent.
NEWER = 12_000
TIMES = 5
MOST_MS = 350


def results(*, short: bool = False) -> list[Result]:
    secret, accounts = api.prepare()
    api.silence()
    count = 20_000 if short else POSTS
    workspace, first = accounts[0].workspace, accounts[0].pk
    reads.store(workspace, accounts[:1], count, days_ago=1)
    while counting.count():
        pass
    restricted = _restricted(accounts)
    calls = [
        ("a page", "posts", secret),
        ("a page of a frequent status", "posts?status=scheduled", secret),
        ("a page of a frequent network", "posts?platform=x", secret),
        ("a page of an account", f"posts?account_id={first}", secret),
        ("a page by text", "posts?search=every%20colour", secret),
        ("a page of a restricted key", "posts", restricted),
        ("who a key is", "me", secret),
        ("who a restricted key is", "me", restricted),
        ("a summary", "analytics/summary", secret),
        ("a summary of a restricted key", "analytics/summary", restricted),
    ]
    found = [(name, _cost(path, who)) for name, path, who in calls]
    reads.store(workspace, accounts[1:2], NEWER, text="Other words")
    old = [
        ("a page of an account without recent posts", f"posts?account_id={first}"),
        ("a page by text that is in no recent post", "posts?search=every%20colour"),
    ]
    found += [(name, _cost(path, secret)) for name, path in old]
    return [
        Result(f"{count:,} posts: {name}", cost, "ms", bar=at_most(MOST_MS)) for name, cost in found
    ]


def _restricted(accounts: list[Account]) -> str:
    """The secret of a key that may use these accounts only, and so sees every post."""
    return keys.create(accounts[0].workspace, "Restricted", ("read",), accounts=accounts)[1]


def _cost(path: str, secret: str) -> float:
    """The median of some calls."""
    case = Case(path, "GET", f"/api/v1/{path}", "")
    api.send(case, 0, secret)  # connects, and fills caches
    session = psutil.Process(connection.connection.info.backend_pid)

    def spent() -> float:
        return time.process_time() + sum(session.cpu_times()[:2])

    costs = []
    for number in range(TIMES):
        before = spent()
        api.send(case, number, secret)
        costs.append(spent() - before)
    return 1000 * median(costs)
