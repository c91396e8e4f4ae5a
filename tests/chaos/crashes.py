"""A worker dies by SIGKILL at one exact point of a network's way, others in flight with it."""

from contextlib import suppress
from functools import partial

from destinations import failpoints
from tests.chaos.ground import WORKERS, Ground
from tests.chaos.scenario import Scenario

SENTENCES = {
    failpoints.CLAIMED: "a claim was made and its message was not sent",
    failpoints.RECEIVED: "a message was received and nothing begun",
    failpoints.BEGUN: "the attempt was recorded and the network not asked",
    failpoints.SAVED: "it is between two steps, such as container and publish, or two parts",
    failpoints.SENDING: "the call that publishes was announced and had not left",
    failpoints.ANSWERED: "the network had answered and nobody was told",
    failpoints.RECORDING: "the outcome was written and not committed",
    failpoints.RECORDED: "the outcome was committed and the message not acknowledged",
}
#: What is nobody's own: the tick, tokens, files.
DISPATCHING = ("dispatch", "refresh", "media")
#: How long a doomed worker is waited for; on some ways a point is never reached.
DIES_WITHIN_SECONDS = 90


def dies(point: str, ground: Ground) -> None:
    """One doomed worker per network, which serves that network alone."""
    for name in WORKERS:
        ground.stack.stop(name)
    by_clock = point == failpoints.CLAIMED
    for network in ground.networks:
        start_doomed(ground, network, point, dispatches=by_clock)
    if not by_clock:
        ground.start_worker("dispatcher", DISPATCHING)
    ground.ask(in_seconds=3 if by_clock else 0)
    for network in ground.networks:
        await_death(ground, network)
        ground.broken(network)
    ground.start_workers()


def start_doomed(ground: Ground, network: str, point: str, *, dispatches: bool) -> None:
    queues = [f"publish.{network}", f"publish.{network}.upload"]
    # What comes due is claimed by whoever works off the tick.
    skip = 0 if dispatches else ground.rng.randrange(max(1, ground.n // 2))
    ground.start_worker(
        _doomed(network),
        [*queues, "dispatch"] if dispatches else queues,
        env={"DOVECOTE_FAILPOINT": f"{point}:{network}:skip={skip}"},
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
    """One of two workers, at a moment that nobody chose."""
    ground.ask()
    ground.until("the first is public", ground.public)
    ground.stack.kill("worker one")
    ground.broken()
    ground.ask()
    ground.start_workers()


SCENARIOS = [
    *(
        Scenario(
            f"dies-{point}",
            f"A worker may die when {sentence}.",
            partial(dies, point),
        )
        for point, sentence in SENTENCES.items()
    ),
    Scenario("killed", "A worker may die at any moment.", killed),
]
