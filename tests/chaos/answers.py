"""What a network may answer to the call that publishes, and what it may not answer at all.

A fault strikes some of the calls, drawn from the seed; the others go well beside it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from tests.chaos import expiring
from tests.chaos.books import Ours
from tests.chaos.expiring import MARKED
from tests.chaos.ground import WORKERS, Ground
from tests.chaos.scenario import DEATH_SECONDS, Scenario
from tests.platforms.facts import all_facts, facts_of

#: The irreversible calls, by the names that the simulator gives them.
PUBLISHING = {key: facts.publishing or (facts.usual.call,) for key, facts in all_facts().items()}
TIMEOUT_SECONDS = 5
#: Longer than the timeout of the call that publishes, which some networks are given more of.
SLOW_SECONDS = {"x": 12, "linkedin": 12, "facebook": 12}
SLOWEST_SECONDS = 75
RESET_SECONDS = 5
LOST = {"drop": "after"}
BATCH = 4
APART_SECONDS = 4
NEEDS_RECONNECTION = "account_needs_reconnection"


def ask(ground: Ground, in_seconds: float = 0, least: int = 1) -> None:
    """Posts of every kind that has an irreversible call of its own; so many of each at least."""
    picture, video = ground.media
    count = max(ground.n, least)
    ground.ask(count, in_seconds=in_seconds)
    ground.ask(count, networks=("facebook",), in_seconds=in_seconds, media_ids=[video])
    ground.ask(count, networks=("tiktok",), in_seconds=in_seconds, media_ids=[picture])


def strike(ground: Ground, *faults: Mapping[str, Any]) -> None:
    """Each fault at some calls of each kind that publishes."""
    times = max(1, ground.n // (2 * len(faults)))
    for network in ground.networks:
        for call in PUBLISHING[network]:
            for fault in faults:
                skip = ground.rng.randrange(max(1, ground.n // 2))
                ground.fault(network, call=call, skip=skip, times=times, **fault)


def until_struck(ground: Ground) -> None:
    """Every fault that was to strike some calls has done so."""

    def left() -> list[Any]:
        faults = ground.stack.simulator.http.get("/control/faults").json()["faults"]
        return [fault for fault in faults if fault["times"]]

    ground.until("every fault has struck", lambda: not left(), 240)


def of(ground: Ground, rows: Iterable[Ours]) -> bool:
    """Whether there is one of these rows for every network."""
    return {row.platform for row in rows} == set(ground.networks)


def lost(ground: Ground, *faults: Mapping[str, Any]) -> None:
    """The faults strike posts made at once and posts that have become due."""
    strike(ground, *faults)
    ask(ground, least=len(faults))
    ask(ground, in_seconds=5)
    until_struck(ground)
    ground.broken()
    ground.ask()


def slow(ground: Ground) -> None:
    """The answer comes after its caller gave up."""
    for network in ground.networks:
        for call in PUBLISHING[network]:
            seconds = SLOW_SECONDS.get(network, SLOWEST_SECONDS)
            times, skip = max(1, ground.n // 2), ground.rng.randrange(max(1, ground.n // 2))
            ground.fault(network, call=call, skip=skip, times=times, delay_seconds=seconds)
    ask(ground)
    ask(ground, in_seconds=5)
    until_struck(ground)
    ground.until("answers are given up", lambda: of(ground, _given_up(ground)))
    ground.broken()
    ground.ask()


def _given_up(ground: Ground) -> list[Ours]:
    return [row for row in ground.own().values() if " mark_unconfirmed: " in (row.history or "")]


def limited(ground: Ground) -> None:
    """Every call is refused for some seconds."""
    for network in ground.networks:
        skip = ground.rng.randrange(2 * ground.n)
        ground.fault(network, skip=skip, rate_limit_reset_seconds=RESET_SECONDS)
    ask(ground)
    ask(ground, in_seconds=5)
    ground.until("every network refuses", lambda: of(ground, _limited(ground)))
    ground.pause(2 * RESET_SECONDS)
    ground.mend()
    ground.broken()
    ground.ask()


def _limited(ground: Ground) -> list[Ours]:
    return [row for row in ground.own().values() if row.error_code == "rate_limited"]


def revoked(ground: Ground) -> None:
    """Some owners withdraw their consent as soon as the first post of a batch is public."""
    for network in ground.networks:
        for call in PUBLISHING[network]:
            # So that there is a moment between two posts of an account.
            ground.fault(network, call=call, delay_seconds=APART_SECONDS)
    victims = [
        (number, *place)
        for network in ground.networks
        for number, place in _some_of(ground, network)
    ]
    for name in WORKERS:
        ground.stack.stop(name)
    for _ in range(BATCH):
        ground.ask()
    ground.start_workers()
    _revoke(ground, victims)
    ground.broken()
    numbers = {number for number, _, _ in victims}
    # Of a post that had left already nothing is refused.
    ground.until(
        "each account is marked, or everything of it was public before",
        lambda: numbers <= _marked(ground) | _published(ground),
    )
    marked = numbers & _marked(ground)
    assert len(marked) > len(numbers) / 2, f"Withdrawn too late: only {marked} of {numbers}."
    ground.until("each of them has refused posts", lambda: marked <= _refused(ground))
    _give_back(ground, [(network, place) for _, network, place in victims])


def _some_of(ground: Ground, network: str) -> list[tuple[int, tuple[str, str]]]:
    mine = [each for each in ground.team.accounts.items() if each[1][0] == network]
    return ground.rng.sample(mine, max(1, len(mine) // 2))


def _revoke(ground: Ground, victims: Iterable[tuple[int, str, str]]) -> None:
    waiting = {(network, place) for _, network, place in victims}

    def over() -> bool:
        for network, place in waiting & {(key[1], key[2]) for key in ground.public()}:
            extra = facts_of(network).account.extra_of(place)
            # A new token is made, and the old one is not known any more.
            ground.stack.simulator.connect(network, place, extra=extra)
            waiting.discard((network, place))
        return not waiting

    ground.until("each has a public post", over)


def _marked(ground: Ground) -> set[int]:
    return {number for (number,) in ground.stack.rows(MARKED)}


def _published(ground: Ground) -> set[int]:
    """Accounts that have nothing left to publish, and published all."""
    of: dict[int, set[str]] = {}
    for (_, account), row in ground.own().items():
        of.setdefault(account, set()).add(row.status)
    return {account for account, statuses in of.items() if statuses == {"published"}}


def _refused(ground: Ground) -> set[int]:
    return {
        account
        for (_, account), row in ground.own().items()
        if row.status == "failed" and row.error_code == NEEDS_RECONNECTION
    }


def _give_back(ground: Ground, victims: Iterable[tuple[str, str]]) -> None:
    """TikTok tells no other caller whether the video it was working on is public."""
    for network, place in victims:
        if network == "tiktok":
            expiring.consent(ground.team, network, place)


EVERYWHERE = tuple(PUBLISHING)
HTML = "<html><body>OK</body></html>"

SCENARIOS = [
    Scenario(
        "answer-reset",
        "A network may publish and reset the connection instead of answering.",
        lambda ground: lost(ground, LOST),
    ),
    Scenario(
        "answer-cut",
        "An answer may break off after its headers and half of its body.",
        lambda ground: lost(ground, {"drop": "middle"}),
    ),
    Scenario(
        "answer-5xx",
        "A network may publish and answer 500, 502, 503 or 504.",
        lambda ground: lost(
            ground, *({"status": status, "effect": True} for status in (500, 502, 503, 504))
        ),
    ),
    Scenario(
        "answer-slow",
        "A network may publish and answer after its caller gave up.",
        slow,
        env={"PLATFORM_TIMEOUT_SECONDS": str(TIMEOUT_SECONDS)},
        # The next post of an account waits until the call before it is given up.
        public_within=SLOWEST_SECONDS + DEATH_SECONDS,
    ),
    Scenario(
        "answer-unreadable",
        "A network may publish and answer 200 with a page that cannot be parsed.",
        lambda ground: lost(ground, {"status": 200, "body": HTML, "effect": True}),
    ),
    Scenario(
        "answer-503",
        "A network may refuse with 503, publish nothing, and be fine again; photos that TikTok was "
        "to fetch may be live then, because nothing there proves that they are not.",
        lambda ground: lost(ground, {"status": 503}),
        may_stay_unknown=("tiktok",),
    ),
    Scenario(
        "answer-429",
        "A network may refuse every call for a while because there were too many.",
        limited,
    ),
    Scenario(
        "token-revoked",
        "An account's owner may withdraw the consent in the middle of a batch: what is public "
        "stays published, the rest is refused, and the account is marked.",
        revoked,
        may_be_refused=EVERYWHERE,
    ),
]
