"""A worker dies by SIGKILL at one exact point of a network's way, others in flight with it."""

import signal
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

from destinations.runtime import failpoints
from tests.chaos.ground import WORKERS, Ground
from tests.chaos.scenario import ANNOUNCED_SECONDS, DEATH_SECONDS, Scenario
from tests.platforms.facts import facts_of

SENTENCES = {
    failpoints.CLAIMED: "a claim was made and its message was not sent",
    failpoints.RECEIVED: "a message was received and nothing begun",
    failpoints.BEGUN: "the attempt was recorded and the network not asked",
    failpoints.SAVED: "it is between two steps, such as container and publish, or two parts",
    failpoints.SENDING: "the call that publishes was announced and had not left",
    failpoints.LEAVING: "the call that publishes has its connection and has sent nothing",
    failpoints.ANSWERED: "the network had answered and the answer was not recorded",
    failpoints.RECORDING: "the outcome was written and not committed",
    failpoints.RECORDED: "the outcome was committed and the message not acknowledged",
}
#: Work that belongs to no destination: the tick, tokens, files.
DISPATCHING = ("dispatch", "refresh", "media")
#: How long a doomed worker is waited for; on some ways a point is never reached.
DIES_WITHIN_SECONDS = 90
#: How late networks answer at most while a worker is killed.
HELD_SECONDS = 4
#: A lease, and what a takeover may take on a busy machine: the start of two workers too.
LONG_LEASE_SECONDS, TAKEN_OVER_SECONDS = 240, 120


def dies(points: Sequence[str], ground: Ground) -> None:
    """At each of these points one doomed worker per network, which serves that network alone."""
    for name in WORKERS:
        ground.stack.stop(name)
    by_clock = failpoints.CLAIMED in points
    if not by_clock:
        ground.start_worker("dispatcher", DISPATCHING)
    for point in points:
        for network in ground.networks:
            start_doomed(ground, network, point, dispatches=by_clock)
        ground.await_workers(*map(_doomed, ground.networks))
        if by_clock:
            # Each claims for all networks, and they die one after the other.
            for network in ground.networks:
                ground.down(network)
        ground.ask(in_seconds=3 if by_clock else 0)
        for network in ground.networks:
            await_death(ground, network)
            if not by_clock:
                ground.down(network)
    ground.start_workers()
    ground.back()


def frozen(point: str, ground: Ground) -> None:
    """Workers that stop before a call leaves, and go on when others have done their work."""
    for name in WORKERS:
        ground.stack.stop(name)
    for network in ground.networks:
        start_doomed(ground, network, f"{point}:stop", dispatches=False)
    ground.start_worker("dispatcher", DISPATCHING)
    ground.await_workers("dispatcher", *map(_doomed, ground.networks))
    ground.ask()
    for network in ground.networks:
        ground.until(f"{network} is frozen", partial(ground.stack.is_frozen, _doomed(network)))
        ground.down(network)
    ground.start_workers()
    ground.back()
    if point == failpoints.BEGUN:
        ground.until("others have taken over", partial(_all_ended, ground), TAKEN_OVER_SECONDS)
    ground.settle()
    assert _all_ended(ground), "The frozen worker is waited for."
    for network in ground.networks:
        ground.stack.signal(_doomed(network), signal.SIGCONT)
    for network in ground.networks:
        ground.until(f"{network} finds out", partial(_has_found_out, ground, network))


def _all_ended(ground: Ground) -> bool:
    return all(row.is_final for row in ground.own().values())


def _has_found_out(ground: Ground, network: str) -> bool:
    log = ground.stack.log(_doomed(network))
    return any(f'"{word}"' in log for word in ("too_late", "claim_lost"))


def start_doomed(ground: Ground, network: str, point: str, *, dispatches: bool) -> None:
    """`point` may say that it freezes instead of dying."""
    point, _, word = point.partition(":")
    queues = [f"publish.{network}", f"publish.{network}.upload"]
    # What comes due is claimed by the worker that runs the tick.
    skip = 0 if dispatches else ground.rng.randrange(max(1, ground.n // 2))
    ground.start_worker(
        _doomed(network),
        [*queues, "dispatch"] if dispatches else queues,
        env={"DOVECOTE_FAILPOINT": f"{point}:{network}:skip={skip}" + (f":{word}" if word else "")},
    )


def _doomed(network: str) -> str:
    return f"doomed-{network}"


def await_death(ground: Ground, network: str) -> None:
    name = _doomed(network)

    def over() -> bool:
        rows = [row for row in ground.own().values() if row.platform == network]
        return ground.stack.died(name) or all(row.is_final for row in rows)

    with suppress(AssertionError):
        ground.until(f"{name} dies", over, DIES_WITHIN_SECONDS)
    if ground.stack.is_running(name):
        ground.stack.kill(name)


def killed(ground: Ground) -> None:
    """One of two workers, while networks have taken calls and not answered them."""
    for network in ground.networks:
        for call in facts_of(network).publishing or (facts_of(network).usual.call,):
            ground.fault(network, call=call, delay_seconds=ground.rng.uniform(0, HELD_SECONDS))
    ground.ask()
    ground.until("the first is public", ground.public)
    ground.pause(ground.rng.uniform(0, HELD_SECONDS))
    ground.stack.kill("worker one")
    ground.broken()
    ground.mend()
    ground.ask()
    ground.start_workers()


SCENARIOS = [
    *(
        Scenario(
            f"dies-{point}",
            f"A worker may die when {sentence}.",
            partial(dies, (point,)),
            public_within=DEATH_SECONDS,
            announced_within=ANNOUNCED_SECONDS,
        )
        for point, sentence in SENTENCES.items()
    ),
    Scenario(
        "killed",
        "A worker may die at any moment.",
        killed,
        public_within=DEATH_SECONDS,
        announced_within=ANNOUNCED_SECONDS,
    ),
    Scenario(
        "frozen",
        "A worker may be frozen right before its call leaves, and go on when another has done it.",
        partial(frozen, failpoints.SENDING),
        public_within=DEATH_SECONDS,
        announced_within=ANNOUNCED_SECONDS,
    ),
    Scenario(
        "taken-over",
        "A worker may be frozen before it announces its call; others take over within seconds.",
        partial(frozen, failpoints.BEGUN),
        public_within=DEATH_SECONDS,
        announced_within=ANNOUNCED_SECONDS,
        env={"LEASE_SECONDS": str(LONG_LEASE_SECONDS)},
    ),
]
