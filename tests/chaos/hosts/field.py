"""Where scenarios of many hosts are played: a cluster, its customers, and what was measured."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from deploy.local.demo.networks import GENEROUS
from tests.chaos.books import Asked, Wish
from tests.chaos.ground import TEXT_ALONE, Ground, alone
from tests.chaos.hosts.cluster import WEBS, Cluster
from tests.chaos.hosts.customers import Customer, Tally
from tests.chaos.hosts.stall import Work, longest_stall
from tests.chaos.scenario import Scenario

#: A spike of less would be over before anything can break.
LEAST = 70
#: Clients that place the posts of a spike, and what a busy machine takes for each post at most.
PLACING, SECONDS_EACH = 6, 0.1
#: Until a spike is due although it was placed at once.
NOTICE_SECONDS = 10
PUBLISHED = "SELECT count(*) FROM destinations_destination WHERE status = 'published'"


class Field(Ground):
    """A ground on many hosts. `asked` is written to by several customers at once."""

    most_accounts = 50

    def __init__(self, cluster: Cluster, scenario: Scenario, n: int, seed: int) -> None:
        super().__init__(cluster, scenario, max(n, LEAST), seed)
        self.cluster, self.tally = cluster, Tally()
        self._lock, self._turn = threading.Lock(), 0
        #: When the customers stopped.
        self.over_at: datetime | None = None

    # Customers

    def spike(self) -> None:
        """`n` posts to every network, all due at the same moment; waits until then."""
        orders = [
            ([self._account(network, number) for network in some], some != TEXT_ALONE)
            for number in range(self.n)
            for some in self._split(self.networks)
        ]
        at = datetime.now(UTC) + timedelta(seconds=NOTICE_SECONDS + SECONDS_EACH * len(orders))

        def place(order: tuple[list[int], bool]) -> str:
            return self.order(Customer(self.team.http, self.tally), *order, at)

        with ThreadPoolExecutor(PLACING) as clients:
            placed = list(clients.map(place, orders))
        assert all(placed), self.tally.refusals
        assert datetime.now(UTC) < at, "The posts took too long."
        self.until("the spike is due", lambda: datetime.now(UTC) >= at, NOTICE_SECONDS + 1200)

    def place(self, customer: Customer) -> str:
        """A post for now, to a few networks."""
        with self._lock:
            self._turn += 1
            some = self.rng.sample(TEXT_ALONE, 2)
            accounts = [self._account(network, self._turn) for network in some]
        return self.order(customer, accounts, has_files=False)

    def order(
        self,
        customer: Customer,
        accounts: Sequence[int],
        has_files: bool,
        at: datetime | None = None,
    ) -> str:
        """Have it posted and write it into the book; the post's id."""
        with self._lock:
            mark = f"mark{self.rng.getrandbits(48):012x}"
        body: dict[str, Any] = {"content": f"Post {mark}", "account_ids": list(accounts)}
        if has_files:
            body["media_ids"] = self.media
        if at:
            body["scheduled_at"] = at.isoformat()
        due_at = at or datetime.now(UTC)
        post_id = customer.post(body)
        wish: Wish = "once" if post_id else "maybe"
        asked = [
            Asked(mark, *self._named(account), due_at, wish, answered_at=datetime.now(UTC))
            for account in accounts
        ]
        with self._lock:
            self.asked += asked
        return post_id

    def _account(self, network: str, number: int) -> int:
        of = self._of[network]
        return of[number % len(of)]

    def _named(self, account: int) -> tuple[str, int, str]:
        network, network_id = self.team.accounts[account]
        return network, account, network_id

    def close_shop(self) -> None:
        """From now on nothing that is due is new."""
        self.over_at = datetime.now(UTC)

    # What is seen of the cluster

    def is_ready(self) -> bool:
        """Whether every web host says that all is well."""
        said = [self.cluster.readiness(web) for web in WEBS]
        return all(each and each["status"] == "ok" for each in said)

    def ticks(self) -> bool:
        """Whether a web host sees that beat ticks."""
        said = self.cluster.readiness(WEBS[0])
        return bool(said and said["checks"]["beat"]["ok"])

    def published(self) -> int:
        return self._counted(PUBLISHED)

    def _counted(self, sql: str) -> int:
        ((count,),) = self.stack.rows(sql)
        return int(count)

    def measures(self) -> dict[str, float]:
        return {
            "longest stall s": self._stall(),
            "requests": self.tally.requests,
            "failed": self.tally.failed.total(),
            "longest wait s": self.tally.waited_seconds,
        }

    def _stall(self) -> float:
        own = self.own()
        known = [(each, own.get((each.mark, each.account))) for each in self.asked]
        works = [
            Work(each.due_at, row.updated_at, row.status == "published")
            for each, row in known
            if row
        ]
        return longest_stall(works, self.over_at or datetime.now(UTC))


@contextmanager
def field(
    home: Path, scenario: Scenario, n: int, seed: int, env: Mapping[str, str]
) -> Iterator[Field]:
    """Every host, for one scenario."""
    with alone():
        cluster = Cluster(home, {**scenario.env, **env})
        try:
            cluster.up()
        except BaseException:
            cluster.end()
            raise
    try:
        for network, name, value in GENEROUS:
            cluster.simulator.set(network, name, value)
        yield Field(cluster, scenario, n, seed)
    finally:
        cluster.end()
