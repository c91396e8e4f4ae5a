"""Where a scenario is played: a whole stack of its own, the posts asked for, and the books."""

import fcntl
import os
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from deploy.local.demo.networks import GENEROUS, TEXT_ALONE
from deploy.simulator.demo import DemoPost
from tests.acceptance.stack import Code, Stack, up
from tests.acceptance.team import Team
from tests.chaos import books, kinds, times, turns
from tests.chaos.books import Asked, Place, Verdict, Wish
from tests.chaos.scenario import LIVE_SECONDS, Scenario
from tests.chaos.servers import MIGRATED, POSTGRES, Servers, own_servers
from tests.chaos.times import Break
from tests.platforms.driver import clip, image
from tests.platforms.facts import all_facts

#: Two, as the compose file's scale of a small installation.
WORKERS = ("worker one", "worker two")
#: How long a stack is waited for on a machine that is busy with others.
START_SECONDS = 600
#: For what must come to pass: the bound ends a run that hangs, and measures nothing.
PATIENCE_SECONDS = 900
#: What Celery says of a worker that takes work.
READY = ' ready."'
#: Networks that can never be asked what became of a call: a post may stay unknown there.
UNASKABLE = tuple(key for key, facts in all_facts().items() if not facts.lookups)
#: Networks whose first lookup proves that a call was not taken, and whether it is one with a video.
PROVEN_AT_ONCE = [
    (key, any(item.kind == "video" for item in lost.kind.draft.media))
    for key, facts in all_facts().items()
    for lost in facts.lost.values()
    if lost.never == 1
]
#: Every so many posts with a picture and a video, also where a text would do.
WITH_FILES = 0.3
#: How many posts of a network are of one of its kinds, instead of what all networks take.
OF_A_KIND = 0.3


class Ground:
    #: The stack's own.
    servers: Servers
    #: What busy machines are given: times that are promised are so much longer.
    patience = 1.0
    #: Accounts per network; more posts than that share them.
    most_accounts = 20

    def __init__(self, stack: Stack, scenario: Scenario, n: int, seed: int):
        self.stack, self.scenario, self.n = stack, scenario, n
        self.rng = random.Random(f"{seed} {scenario.name}")
        self.networks = scenario.networks
        self.asked: list[Asked] = []
        #: When a network's posts, or all, began to be broken; truth is counted from there.
        self.broken_at: dict[str, datetime] = {}
        #: Since when a network had no worker, and until when; of every break of its posts.
        self.breaks: dict[str, list[Break]] = defaultdict(list)
        self._down: dict[str, datetime] = {}
        #: How much a worker had said when it was started last, by its name.
        self._said: dict[str, int] = {}
        #: What a scenario says of its webhooks.
        self.told: list[Verdict] = []
        self.team = self.connected(min(n, self.most_accounts))
        self._of: dict[str, list[int]] = {network: [] for network in self.networks}
        for number, (network, _) in self.team.accounts.items():
            self._of[network].append(number)
        self.media = self.uploaded()
        #: The files of kinds, by their names.
        self.files = self.files_of_kinds()

    # Customers

    def connected(self, count: int) -> Team:
        """A workspace with so many accounts per network."""
        return self.stack.team(**dict.fromkeys(self.networks, count))

    def uploaded(self) -> list[str]:
        """The files of posts that have any: a picture and a video."""
        return self.files_of(self.team)

    def files_of(self, team: Team) -> list[str]:
        return [
            team.upload("picture.jpg", "image/jpeg", image(640, 640, "JPEG")),
            team.upload("video.mp4", "video/mp4", clip()),
        ]

    def files_of_kinds(self) -> dict[str, str]:
        names = kinds.files_of(self.networks) if self.scenario.has_kinds else []
        return {name: self.team.upload(name, *kinds.drawn(name)) for name in names}

    def ask(
        self,
        count: int | None = None,
        *,
        networks: Sequence[str] = (),
        in_seconds: float = 0,
        at: datetime | None = None,
        **fields: Any,
    ) -> list[str]:
        """So many posts, each for one account of every network; the ids of those accepted.

        At once, or `in_seconds` from now, or all `at` one moment. Some are of a kind that one
        network alone has, unless networks or fields are given. A customer who gets no answer,
        or a 503, asks no second time; any other answer is a fault of ours.
        """
        posts = []
        for number in range(self.n if count is None else count):
            special = () if networks or fields else self._special()
            usual = [each for each in networks or self.networks if each not in special]
            for some in [*self._split(usual), *((network,) for network in special)]:
                accounts = [self._of[network][number % len(self._of[network])] for network in some]
                when = at or (in_seconds and datetime.now(UTC) + timedelta(seconds=in_seconds))
                kind = self.rng.choice(kinds.KINDS[some[0]]) if some[0] in special else None
                files = some not in [TEXT_ALONE]
                posts += self._post(accounts, when or None, fields, files=files, kind=kind)
        return posts

    def _special(self) -> list[str]:
        """Networks whose next post is of a kind of their own."""
        share = OF_A_KIND if self.scenario.has_kinds else 0
        return [network for network in self.networks if self.rng.random() < share]

    def _split(self, networks: Sequence[str]) -> list[Sequence[str]]:
        """All with files, or those that need none without them."""
        text = tuple(network for network in networks if network in TEXT_ALONE)
        rest = tuple(network for network in networks if network not in TEXT_ALONE)
        if self.rng.random() < WITH_FILES:
            return [tuple(networks)]
        return [some for some in (text, rest) if some]

    def _post(
        self,
        accounts: Sequence[int],
        when: datetime | None,
        fields: Mapping[str, Any],
        *,
        files: bool,
        kind: DemoPost | None = None,
    ) -> list[str]:
        mark = f"mark{self.rng.getrandbits(48):012x}"
        needs_files = any(self.team.accounts[a][0] not in TEXT_ALONE for a in accounts)
        body = {"content": self.text(mark), "account_ids": list(accounts)}
        if needs_files or (files and self.rng.random() < WITH_FILES):
            body["media_ids"] = self.media
        if kind:
            body = {name: value for name, value in body.items() if name != "media_ids"}
            body |= kinds.fields(kind, mark, self.files)
        body |= fields
        due_at = when or datetime.now(UTC)
        if when:
            body["scheduled_at"] = when.isoformat()
        answer = self._send(body)
        wish: Wish = "once" if answer is not None and answer.is_success else "maybe"
        assert answer is None or answer.is_success or answer.status_code == 503, answer.text
        self.asked += [
            Asked(mark, network, account, network_id, due_at, wish, **kinds.facts(kind))
            for account in accounts
            for network, network_id in [self.team.accounts[account]]
        ]
        return [str(answer.json()["data"]["post_id"])] if wish == "once" and answer else []

    def _send(self, body: Mapping[str, Any]) -> httpx.Response | None:
        try:
            return self.team.http.post("posts", json=body)
        except httpx.TransportError:
            return None

    def text(self, mark: str) -> str:
        """What a post says."""
        return f"Post {mark}"

    def share(self, count: int) -> None:
        """From now on posts of a network share so many accounts, and wait for each other."""
        for network, accounts in self._of.items():
            self.use(network, accounts[:count])

    def use(self, network: str, accounts: Sequence[int]) -> None:
        """From now on posts for this network go to these accounts of the team."""
        self._of[network] = list(accounts)

    def rotate(self) -> None:
        """The next posts go to each network's next account."""
        for network, accounts in self._of.items():
            self.use(network, [*accounts[1:], accounts[0]])

    # Breaking

    def broken(self, *networks: str) -> None:
        """From now on truth is counted, for these networks or for all: what broke is whole again,
        as far as posts cannot go out without it."""
        now = datetime.now(UTC)
        for network in networks or self.networks:
            self.broken_at[network] = now
            self.breaks[network].append(Break(self._down.pop(network, now), now))

    def down(self, network: str) -> None:
        """From now until `back` no worker serves it."""
        self._down[network] = datetime.now(UTC)

    def back(self) -> None:
        """Wait until the workers that were started take work. From now on truth is counted."""
        self.await_workers(*WORKERS)
        self.broken()

    def await_workers(self, *names: str) -> None:
        """Wait until these take work, if they were started here."""

        def said(name: str) -> str:
            return self.stack.log(name)[self._said.get(name, 0) :]

        for name in names:
            if name in self._said:
                self.until(f"{name} is ready", partial(lambda name: READY in said(name), name))

    def fault(self, network: str, **fields: Any) -> None:
        """A fault of a simulated network, for this ground's accounts: it has no others."""
        self.stack.simulator.fault(network, **fields)

    def mend(self) -> None:
        """The networks behave again."""
        self.stack.simulator.http.delete("/control/faults").raise_for_status()

    def start_worker(
        self, name: str, queues: Sequence[str] = (), env: Mapping[str, str] | None = None
    ) -> None:
        """A worker of these queues, or of all."""
        log = self.stack.home / f"{name}.log"
        self._said[name] = len(log.read_text()) if log.exists() else 0
        options = ["-n", f"{name.replace(' ', '-')}@%h"]
        options += ["-Q", ",".join(queues)] if queues else []
        self.stack.start(name, "worker", env=env, options=options)

    def start_workers(self) -> None:
        """Both workers, whichever of them is down."""
        for name in WORKERS:
            if not self.stack.is_running(name):
                self.start_worker(name)

    def until(
        self, what: str, condition: Callable[[], Any], within_seconds: float = PATIENCE_SECONDS
    ) -> Any:
        """The first true value of the condition. Processes may die meanwhile."""
        give_up_at = time.monotonic() + within_seconds
        while not (value := condition()):
            assert time.monotonic() < give_up_at, f"Not seen in {self.scenario.name}: {what}"
            time.sleep(0.1)
        return value

    def pause(self, seconds: float) -> None:
        """An outage has a length; nothing is waited for."""
        time.sleep(seconds)

    # The books

    def own(self) -> books.OwnBook:
        return books.ours(self.stack.rows(books.OURS))

    def public(self) -> dict[Place, list[str]]:
        return books.public(self.team.wall())

    def seen(self) -> dict[Place, list[datetime]]:
        """When each was public; nothing where no public tells."""
        return books.seen_at(self.team.wall())

    def early(self) -> list[str]:
        """Marks of what the public saw before its time, by the networks' clock."""
        seen = self.seen()
        return [
            each.mark
            for each in self.asked
            for at in seen.get((each.mark, each.network, each.network_id), ())
            if at < each.due_at
        ]

    def count(self, *statuses: str) -> int:
        """Destinations in one of these statuses."""
        return sum(row.status in statuses for row in self.own().values())

    def settle(self) -> None:
        """Wait until every destination has come to its end, or patience has."""
        give_up_at = time.monotonic() + self.scenario.settle_seconds
        while time.monotonic() < give_up_at:
            if all(row.is_final for row in self.own().values()):
                return
            time.sleep(0.5)

    def verdicts(self) -> list[Verdict]:
        own = self.own()
        verdicts = books.compare(
            self.asked,
            own,
            self.public(),
            broken_at=self.broken_at,
            may_stay_unknown=(*self.scenario.may_stay_unknown, *UNASKABLE),
            may_be_refused=self.scenario.may_be_refused,
        )
        found = verdicts + self.told + self.contradictions() + self.out_of_turn()
        return self.timed(found)

    def timed(self, verdicts: Sequence[Verdict]) -> list[Verdict]:
        """The verdicts with what each post waited, and those that were late."""
        if self.scenario.public_within is None:
            return list(verdicts)
        most = self.scenario.public_within
        announced = self.scenario.announced_within or most
        seconds = (most, announced, max(most, LIVE_SECONDS))
        promise = times.Promise(*(each * self.patience for each in seconds), PROVEN_AT_ONCE)
        facts = times.facts(self.stack.rows(times.FACTS))
        return times.judged(verdicts, self.asked, facts, self.seen(), self.breaks, promise)

    def measures(self) -> dict[str, float]:
        """What a scenario has measured beside its verdicts, by name."""
        return {}

    def out_of_turn(self) -> list[Verdict]:
        """Posts that began beside another one of their account, or before it, or were public
        before it, and chains in disorder."""
        moves, seen = turns.turns(self.stack.rows(turns.MOVED)), self.seen()
        found = list(turns.overlaps(moves, self.stack.lease_seconds))
        found += turns.out_of_order(self.asked, moves, seen)
        found += turns.broken_chains(self.asked, seen)
        if self.scenario.keeps_order:
            known = {each.mark for each in self.asked if each.wish == "once"}
            found += turns.overtakings(moves, known)
        return found

    def contradictions(self) -> list[Verdict]:
        """What the database says against itself."""
        checked = self.stack.command("manage.py", "check_consistency")
        if checked.returncode == 0:
            return []
        return [Verdict("", "wrong", 0, checked.stdout + checked.stderr[-500:])]


@contextmanager
def ground(
    home: Path,
    scenario: Scenario,
    n: int,
    seed: int,
    env: Mapping[str, str],
    code: Code | None = None,
    make: Callable[[Stack, Scenario, int, int], Ground] = Ground,
) -> Iterator[Any]:
    """A whole stack with two workers, for one scenario, of this version or the one of `code`; what
    `make` makes of it."""
    with ExitStack() as running:
        with alone():
            files = None if code else os.environ.get(MIGRATED)
            servers = running.enter_context(own_servers(home / "servers", files=files))
            addresses = servers.database_url, servers.redis_url
            stack = Stack(home, *addresses, {**env, **scenario.env})
            stack.code, stack.is_migrated = code or stack.code, files is not None
            running.enter_context(up(stack, *WORKERS, within_seconds=START_SECONDS))
        for network, name, value in GENEROUS:
            stack.simulator.set(network, name, value)
        found = make(stack, scenario, n, seed)
        found.servers = servers
        yield found


@contextmanager
def migrated() -> Iterator[None]:
    """Grounds of the block, and of processes that it starts, need not migrate their databases."""
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        home = Path(folder)
        with own_servers(home / "servers") as servers:
            Stack(home, servers.database_url, servers.redis_url, {}).make_tables()
            servers.stop(POSTGRES)
        os.environ[MIGRATED] = str(servers.data)
        yield
        del os.environ[MIGRATED]


@contextmanager
def alone() -> Iterator[None]:
    """One stack of this machine starts at a time: starting is most of what it costs."""
    with (Path(tempfile.gettempdir()) / "dovecote-chaos.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
