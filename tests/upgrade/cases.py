"""Posts in every state that a release can leave behind, made through its API."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from platforms.registry import QUEUES
from tests.chaos import books, expiring
from tests.chaos.answers import PUBLISHING
from tests.chaos.books import Asked, Ours, Verdict
from tests.chaos.crashes import DISPATCHING
from tests.chaos.ground import TEXT_ALONE, WORKERS, Ground

#: Calls by network; none: every call.
Calls = Mapping[str, tuple[str, ...]]
ANY: Calls = {}
#: A worker that waits for it is killed before.
SLOW_SECONDS = 40
#: A video is not ready before the upgrade.
PROCESSING_SECONDS = 45
#: Networks that are asked for something before the call that publishes, and those that are not: one
#: call, so that its failure may hide a post.
PREPARING = ("instagram", "facebook", "tiktok", "youtube", "threads")
AT_ONCE = ("x", "linkedin")
LIMITED_SECONDS = 60
#: Networks that may go on processing a file for so long.
PROCESSING = ("facebook", "instagram", "threads")
#: Accounts, of each network, of cases that share them.
SHARED = 2
#: After the upgrade, on an idle machine; long after it on any.
LATER_SECONDS, FAR_SECONDS = 60, 7200
SOON_SECONDS = 25


@dataclass
class Case:
    """Posts in one state, and the entries that they have in the customers' book."""

    name: str
    posts: list[str]
    asked: list[Asked] = field(default_factory=list)
    #: The network cannot be asked what became of it, and no person has said so.
    stays_unknown: bool = False

    @property
    def marks(self) -> set[str]:
        return {each.mark for each in self.asked}


class Cases:
    """Each case has an account of its own per network, so that faults strike it alone."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self._of: dict[str, list[int]] = {}
        for number, (network, _) in ground.team.accounts.items():
            self._of.setdefault(network, []).append(number)
        self._next = 0
        self.all: dict[str, Case] = {}

    def ask(
        self,
        name: str,
        *,
        fault: Mapping[str, Any] | None = None,
        calls: Calls = ANY,
        **options: Any,
    ) -> Case:
        """A post to each network, by accounts that no other case has.

        `fault` strikes every call of theirs, or these `calls`.
        """
        for network, numbers in self._of.items():
            self.ground.use(network, [numbers[self._next]])
            _, there = self.ground.team.accounts[numbers[self._next]]
            for call in calls.get(network, ("",)) if fault else ():
                self.ground.fault(network, account=there, call=call, **(fault or {}))
        self._next += 1
        return self._ask(name, **options)

    def _ask(self, name: str, **options: Any) -> Case:
        before = len(self.ground.asked)
        posts = self.ground.ask(1, **options)
        case = self.all.setdefault(name, Case(name, []))
        case.posts += posts
        case.asked += self.ground.asked[before:]
        return case

    def publish(self, name: str) -> None:
        """Texts by accounts that have no fault, and wait until they are public."""
        networks = [network for network in TEXT_ALONE if network in self._of]
        for network in networks:
            self.ground.use(network, self._of[network][-SHARED:])
        case = self._ask(name, networks=networks)
        self.until(case, "published", lambda row: row.status == "published")

    def rows(self, case: Case) -> list[Ours]:
        return [row for (mark, _), row in self.ground.own().items() if mark in case.marks]

    def until(self, case: Case, what: str, condition: Callable[[Ours], bool]) -> None:
        """Every destination of the case is so."""

        def all_are() -> bool:
            rows = self.rows(case)
            return len(rows) == len(case.asked) and all(map(condition, rows))

        try:
            self.ground.until(f"{case.name}: {what}", all_are)
        except AssertionError as late:
            rows = "\n".join(str(row) for row in self.rows(case) if not condition(row))
            raise AssertionError(f"{late}\n{rows}") from None

    # States

    def make(self) -> None:
        """All that a release leaves behind while every process of it runs."""
        published = self.ask("published")
        refused = self.ask("failed", fault={"status": 400, "body": "{}"})
        waiting = self.ask("retry waiting", fault={"status": 503}, networks=PREPARING)
        limit = {"rate_limit_reset_seconds": LIMITED_SECONDS}
        limited = self.ask("rate limited", fault=limit, networks=AT_ONCE)
        lost = self.ask("unconfirmed", fault={"drop": "after", "times": 1}, calls=PUBLISHING)
        live = [self._may_be_live(name) for name in ("may be live", "may be live, unsaid")]
        self._leave_alone()
        self.until(published, "published", lambda row: row.status == "published")
        self.until(refused, "failed", lambda row: row.status == "failed" and row.is_final)
        self.until(waiting, "waits", lambda row: bool(row.next_retry_at) and row.status == "failed")
        # These may go on by themselves, where the machine is slow.
        self.until(limited, "was limited", lambda row: row.attempts > 0)
        self.until(lost, "unconfirmed", lambda row: " mark_unconfirmed: " in f"{row.history}")
        for case in live:
            self.until(case, "unknown", lambda row: row.error_code == "outcome_unknown")
        live[-1].stays_unknown = True

    def _process(self) -> Case:
        for network in PROCESSING:
            _, there = self.ground.team.accounts[self._of[network][self._next]]
            self.ground.stack.simulator.set(
                network, "processing_seconds", PROCESSING_SECONDS, account=there
            )
        video = {"media_ids": [self.ground.media[1]]}
        return self.ask("publishing, being processed", networks=PROCESSING, **video)

    def _may_be_live(self, name: str) -> Case:
        """A post of a member of LinkedIn, whose posts cannot be looked up."""
        member = expiring.connect(self.ground.team, "linkedin")
        _, there = self.ground.team.accounts[member]
        self.ground.fault("linkedin", account=there, call="create_post", drop="after", times=1)
        self.ground.use("linkedin", [member])
        return self._ask(name, networks=("linkedin",))

    def _leave_alone(self) -> None:
        """What no worker touches."""
        self.ask("draft", draft=True)
        deleted = self._ask("draft, deleted", draft=True)
        self.ask("scheduled", in_seconds=LATER_SECONDS)
        self._ask("scheduled, then edited", in_seconds=FAR_SECONDS)
        self._ask("scheduled, then cancelled", in_seconds=FAR_SECONDS)
        self._ask("due while nothing runs", in_seconds=SOON_SECONDS)
        cancelled = self._ask("scheduled, cancelled", in_seconds=FAR_SECONDS)
        for case in (deleted, cancelled):
            self.delete(case)

    def interrupt(self) -> None:
        """Workers die within their calls; then no worker takes the messages of what is claimed."""
        processing = self._process()
        slow = {"delay_seconds": SLOW_SECONDS, "times": 1}
        sending = self.ask("publishing, worker killed", fault=slow, calls=PUBLISHING)
        self.ground.until("all are public", lambda: self._is_public(sending))
        self.until(processing, "is processed", lambda row: " wait: processing" in f"{row.history}")
        for name in WORKERS:
            self.ground.stack.kill(name)
        self.ground.start_worker("dispatcher", DISPATCHING)
        claimed = self.ask("claimed, message waits")
        self.ground.until("messages wait", lambda: self._waiting() >= len(claimed.asked) / 2)
        self.ground.stack.kill("dispatcher")
        self.ask("queued")

    def _is_public(self, case: Case) -> bool:
        seen = {mark for mark, _, _ in self.ground.public()}
        return case.marks <= seen

    def _waiting(self) -> int:
        """Networks with messages that no worker has taken."""
        return sum(self.ground.stack.broker.llen(queue) > 0 for queue in QUEUES)

    # What customers do

    def delete(self, case: Case) -> None:
        for post in case.posts:
            self.ground.team.http.delete(f"posts/{post}").raise_for_status()
        self.replace(case, [replace(each, wish="never") for each in case.asked])

    def replace(self, case: Case, asked: list[Asked]) -> None:
        """The customer expects something else now."""
        case.asked = asked

    # Books

    def verdicts(self) -> dict[str, list[Verdict]]:
        """Of each case, and of what was public and belongs to none."""
        own, wall = self.ground.own(), self.ground.public()
        found, left = {}, dict(wall)
        for case in self.all.values():
            mine = {key: ids for key, ids in wall.items() if key[0] in case.marks}
            found[case.name] = books.compare(
                case.asked,
                own,
                mine,
                broken_at={},
                may_stay_unknown=("linkedin",) if case.stays_unknown else (),
                may_be_refused=(),
            )
            left = {key: ids for key, ids in left.items() if key not in mine}
        strangers = [Verdict(key[1], "wrong", 0, f"{key} was never asked for") for key in left]
        return {**found, **({"not asked for": strangers} if strangers else {})}
