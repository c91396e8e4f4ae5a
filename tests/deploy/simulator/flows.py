"""Everything that our adapters ask of the networks: each kind of post and login, start to end."""

import contextlib
import dataclasses
import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

from platforms.errors import PlatformError
from platforms.login_forms import FormLogin
from platforms.oauth import OAuth
from platforms.outcomes import Published
from platforms.registry import ADAPTERS
from tests.conftest import Simulator
from tests.platforms.connecting import connecting
from tests.platforms.driver import Drive
from tests.platforms.facts import Kind, connect, facts_of
from tests.platforms.linkedin.login import make_page

#: After it the upload sessions of YouTube are gone.
LONG = 8 * 24 * 3600
_numbers = itertools.count(17841400000007000)


def flows(network: str) -> Iterator[Callable[[Simulator], None]]:
    """Each kind of post, published and lost, and each login; each may be run alone."""
    facts = facts_of(network)
    for kind in facts.trials:
        yield partial(publish, network=network, kind=kind)
        yield partial(lose, network=network, kind=kind)
    for name, login in ADAPTERS[network].logins.items():
        if isinstance(login, OAuth):
            yield partial(log_in, network=network, login=name)
        if isinstance(login, FormLogin):
            assert facts.sign_in, f"The facts of {network} have no `sign_in`."
            yield facts.sign_in


def publish(simulator: Simulator, network: str, kind: Kind) -> None:
    """Publish, read the post and its numbers, delete it."""
    drive, draft = _account(simulator, network, kind), kind.draft
    result = drive.finish(draft)
    assert isinstance(result, Published), result
    _quietly(lambda: drive.shows_as_own(result.id))
    if drive.adapter.metrics_batch:
        _quietly(lambda: drive.read_metrics(result.id))
    _quietly(drive.read_followers)
    if drive.adapter.can_delete(draft):
        drive.delete(result.id)


def lose(simulator: Simulator, network: str, kind: Kind) -> None:
    """Look for a post of whose publication no answer came; comments are lost too."""
    drive, call, draft = _account(simulator, network, kind), kind.call, kind.draft
    for lost in (call, "comment"):
        drive.fault(call=lost, drop="after", times=1)
        _quietly(lambda: drive.finish(draft))
        simulator.http.delete("/control/faults").raise_for_status()
        for _ in range(2):
            _quietly(lambda: drive.find(draft, _long_before(drive)))
        _quietly(lambda: drive.finish(draft))
    drive.checkpoint, again = {}, dataclasses.replace(draft, text="Again")
    drive.fault(call=call, drop="after", times=1, skip=int("thread" in draft.settings))
    _quietly(lambda: drive.finish(again))
    simulator.http.delete("/control/faults").raise_for_status()
    left = dict(drive.checkpoint)
    for wait in (0, LONG):
        simulator.advance(wait)
        drive.checkpoint = dict(left)
        _quietly(lambda: drive.find(again, _long_before(drive)))


def log_in(simulator: Simulator, network: str, login: str) -> None:
    """Connect an account, and renew its token after a day."""
    c = connecting(simulator, network, login)
    if network == "linkedin":
        make_page(simulator, {c.account: "ADMINISTRATOR"})
    tokens = c.tokens()
    c.profiles(tokens)
    if c.login.can_refresh(c.credentials(tokens)):
        simulator.advance(25 * 3600)
        c.refresh(tokens)


def _account(simulator: Simulator, network: str, kind: Kind) -> Drive:
    if prepare := facts_of(network).prepare:
        prepare(simulator)
    drive = connect(simulator, network, str(next(_numbers)), kind.account)
    drive.set("processing_seconds", 0.2)
    drive.set("chunk_bytes", 50_000)
    return drive


def _long_before(drive: Drive) -> datetime:
    """So long ago that the network has an answer now."""
    return (drive.sent_at or datetime.now(UTC)) - timedelta(minutes=4)


def _quietly(work: Callable[[], object]) -> None:
    with contextlib.suppress(PlatformError):
        work()
