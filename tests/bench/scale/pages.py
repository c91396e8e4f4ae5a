"""What the admin's pages cost the server, with 3 million destinations and 10 million events.

Every page is opened as an operator opens it, and every query of it explained: none may read a large
table from end to end. First on a quiet day, then at a nine o'clock for which the planner's
statistics know nothing, then with statistics. `python -m tests.bench.scale.pages [destinations
[regular expression of addresses [state]]]` prints every page.
"""

import os
import re
import sys
import time
from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

os.environ.setdefault("ALLOWED_HOSTS", "localhost,127.0.0.1,testserver")
os.environ.setdefault("LOG_LEVEL", "ERROR")

from tests.bench import environment  # isort: skip  # noqa: F401  # before Django's models

import psutil
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from tests.bench.result import Result, at_most, median
from tests.bench.scale import history, nine, plans, visits

DESTINATIONS, SHORT = 3_000_000, 30_000
#: Bars in ms of server time.
PAGE, OVERVIEW = 500, 200
#: How many pages have rows of their own, and how often each is opened.
SLOWEST, TIMES = 5, 3


class Visit(NamedTuple):
    """`milliseconds`: the median of some, after a first one. `cpu`: those of CPU, of Django and
    PostgreSQL. `wrong`: see `plans.Asked`.
    """

    state: str
    path: str
    milliseconds: float
    cpu: float
    queries: int
    wrong: list[str]

    @property
    def limit(self) -> int:
        return OVERVIEW if self.path == reverse("admin:index") else PAGE


def measure(
    destinations: int,
    states: Collection[str] = tuple(nine.STATES),
    chosen: Callable[[Client], Iterator[str]] = visits.every,
    times: int = TIMES,
) -> Iterator[Visit]:
    history.prepare(destinations)
    browser = signed_in()
    for state in states:
        with nine.STATES[state](destinations):
            tables = plans.large()
            for path in dict.fromkeys(chosen(browser)):
                yield _visit(browser, state, path, tables, times)


def signed_in() -> Client:
    call_command("collectstatic", verbosity=0, interactive=False)
    user, _ = User.objects.get_or_create(username="bench", is_superuser=True, is_staff=True)
    browser = Client()
    browser.force_login(user)
    return browser


def _visit(browser: Client, state: str, path: str, tables: set[str], times: int) -> Visit:
    with plans.watched(tables) as asked:
        answer = browser.get(path)
    assert answer.status_code in (200, 302), (path, answer.status_code)
    took, used = [], _cpu()
    for _ in range(times):
        began = time.perf_counter()
        browser.get(path)
        took.append(1000 * (time.perf_counter() - began))
    cpu = 1000 * (_cpu() - used) / times
    return Visit(state, path, median(took), cpu, asked.statements, asked.wrong)


def _cpu() -> float:
    """Seconds of this process and of its database session; other processes add none."""
    session = psutil.Process(connection.connection.info.backend_pid)
    return time.process_time() + sum(session.cpu_times()[:2])


def results(*, short: bool = False) -> list[Result]:
    """Short: the main pages, once, and not the rush."""
    opened = measure(SHORT, [nine.QUIET], visits.few, times=1) if short else measure(DESTINATIONS)
    found = list(opened)
    rows, none = [], at_most(0)
    for state in dict.fromkeys(visit.state for visit in found):
        those = [visit for visit in found if visit.state == state]
        overview = next(visit for visit in those if visit.limit == OVERVIEW)
        wrong = [visit for visit in those if visit.wrong]
        note = ", ".join(visit.path for visit in wrong)
        rows += [
            Result(f"{state}: overview", overview.milliseconds, "ms", bar=at_most(OVERVIEW)),
            *_slowest(state, those),
            Result(
                f"{state}: pages that read a table from end to end", len(wrong), "",
                bar=none, margin=none, note=f"{state}: {note}" if note else "",
            ),
        ]  # fmt: skip
    return rows


def _slowest(state: str, found: list[Visit]) -> Iterator[Result]:
    over = [visit for visit in found if visit.milliseconds > visit.limit]
    yield Result(f"{state}: pages over their bar, of {len(found)}", len(over), "", bar=at_most(0))
    for visit in sorted(found, key=lambda visit: -visit.milliseconds)[:SLOWEST]:
        name = f"{state}: {visit.path}"
        yield Result(name, visit.milliseconds, "ms", bar=at_most(visit.limit))


def main() -> None:
    given = [*sys.argv[1:], "", ""]
    count, part, states = int(given[0] or DESTINATIONS), given[1], sys.argv[3:] or nine.STATES

    def chosen(browser: Client) -> Iterator[str]:
        return (path for path in visits.every(browser) if re.search(part, path))

    for visit in measure(count, states, chosen):
        mark = " OVER" if visit.milliseconds > visit.limit else ""
        print(
            f"{visit.state:10} {visit.milliseconds:7.1f} ms, CPU {visit.cpu:5.0f} ms,"
            f" {visit.queries:2} queries {visit.path}{mark}",
            flush=True,
        )
        for wrong in visit.wrong:
            print(f"    {wrong}")


if __name__ == "__main__":
    main()
