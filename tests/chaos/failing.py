"""Everything of one customer fails, in every way there is, beside others whose posts are good.

The networks answer the others rightly all the time. So all of theirs is public within a minute, and
none of them is told that a network is down. Then X really is down for a while.
"""

from collections.abc import Sequence
from typing import Any

from tests.acceptance.team import Team
from tests.chaos import outages
from tests.chaos.books import Verdict
from tests.chaos.ground import PROVEN_AT_ONCE, TEXT_ALONE, Ground
from tests.chaos.hooks import ENV
from tests.chaos.paused import manage
from tests.chaos.scenario import Scenario
from tests.platforms.facts import facts_of
from tests.platforms.mastodon.account import OLD, new_id

#: Good posts are asked for so often, and in so many rounds beside one for each of `n`.
EVERY_SECONDS, ROUNDS = 8, 3
#: How long X is down once that is known.
DOWN_SECONDS = 10
#: How long the end of that is waited for.
LONGEST_SECONDS = 400
#: Of each account with bad files, with a dead token, and of each text that is repeated.
BAD_POSTS, DEAD_POSTS, REPEATS = 5, 2, 8
#: Accounts on a server that is gone, and posts of each; of a paused workspace, likewise: more than
#: any statement looks at.
GONE, PAUSED = (20, 15), (25, 44)
#: The same in small.
FEW, FEW_ROUNDS = (2, 4), 2
#: Where one lookup proves that a call was not taken: a death in the middle of it costs no minutes.
QUICK = tuple(network for network in PROVEN_AT_ONCE if network in TEXT_ALONE)
#: Networks that refuse a text that they have published a moment ago.
REFUSING = ("x", "linkedin")

WORKSPACE = "SELECT workspace_id::text FROM destinations_account WHERE id = ANY(%s) LIMIT 1"
TOLD = """
SELECT workspace_id::text, data || body FROM posts_webhookevent WHERE event = 'incident.opened'
"""
OPEN = """
SELECT 1 FROM destinations_outage
WHERE scope = 'network' AND target = 'x' AND closed_at IS NULL
"""


def one_customer(ground: Ground) -> None:
    good = beside_one_that_fails(ground, GONE, PAUSED, ROUNDS + ground.n)
    _down(ground, good)


def beside_one_that_fails(
    ground: Ground, gone: tuple[int, int], paused: tuple[int, int], rounds: int
) -> list[Ground]:
    """The customers whose posts were good, once all of them are public."""
    good = [ground, _another(ground)]
    workspaces = [_with_a_webhook(each) for each in good]
    _paused(ground, *paused)
    _server_gone(ground, *gone)
    _bad_files(ground)
    _dead_tokens(ground)
    _repeated(ground)
    _ask(ground, good, rounds)
    ground.settle()
    ground.told += _incidents(ground, workspaces)
    return good


def _another(ground: Ground) -> Ground:
    """A customer with an account at each network, whose posts are in the same books."""
    other = Ground(ground.stack, ground.scenario, 1, ground.rng.getrandbits(32))
    other.asked = ground.asked
    ground.team.accounts |= other.team.accounts
    return other


def _ask(ground: Ground, good: Sequence[Ground], rounds: int) -> None:
    for number in range(rounds):
        for each in good:
            each.rotate()
            each.ask(1)
            each.ask(1, in_seconds=EVERY_SECONDS / 2)
        if number < rounds - 1:
            ground.pause(EVERY_SECONDS)


def _down(ground: Ground, good: Sequence[Ground]) -> None:
    """X answers no one for a while: what waits in a paused workspace does not stand before it."""
    found = ground.stack.simulator.http.post(
        "/control/faults", json={"network": "x", "status": 503}
    )
    for each in good:
        each.ask(4, networks=("x",))
    ground.until("X is known to be down", lambda: ground.stack.rows(OPEN))
    ground.pause(DOWN_SECONDS)
    fault = found.raise_for_status().json()["id"]
    ground.stack.simulator.http.delete(f"/control/faults/{fault}").raise_for_status()
    ground.broken("x")
    repaired_at = ground.broken_at["x"]
    _ask(ground, good, 1)
    ground.until("X is known to be back", lambda: not ground.stack.rows(OPEN), LONGEST_SECONDS)
    ground.told += outages.too_long(ground, repaired_at)


# The one customer


def _bad_files(ground: Ground) -> None:
    """Two accounts of each network, whose every call is answered by an error of the server."""
    team = ground.stack.team(**dict.fromkeys(ground.networks, 2))
    for network, there in team.accounts.values():
        ground.fault(network, account=there, status=ground.rng.choice((500, 503)))
    media = ground.files_of(team)
    for number in range(BAD_POSTS):
        _post(team, f"Bad {number}", media_ids=media)


def _dead_tokens(ground: Ground) -> None:
    """Two accounts of each network whose tokens are not known there any more."""
    team = ground.stack.team(**dict.fromkeys(ground.networks, 2))
    for network, there in team.accounts.values():
        extra = facts_of(network).account.extra_of(there)
        # A new token is made, and the old one is not known any more; Nostr's are keys.
        ground.stack.simulator.connect(network, there, extra=extra)
    media = ground.files_of(team)
    for number in range(DEAD_POSTS):
        _post(team, f"Dead {number}", media_ids=media)


def _server_gone(ground: Ground, accounts: int, posts: int) -> None:
    """Posts for a Mastodon server that resets every connection."""
    team = ground.stack.team_of(("mastodon", new_id(OLD)) for _ in range(accounts))
    for network, there in team.accounts.values():
        ground.fault(network, account=there, drop="before")
    for number in range(posts):
        _post(team, f"Gone {number}")


def _paused(ground: Ground, accounts: int, posts: int) -> None:
    """Older posts of a workspace that an operator has paused."""
    team = ground.stack.team(x=accounts)
    manage(ground, "pause", "workspace", _workspace(ground, team), "--reason", "chaos")
    for number in range(posts):
        _post(team, f"Paused {number}")


def _repeated(ground: Ground) -> None:
    """Post the same text again and again, which a network takes once."""
    team = ground.stack.team(**{name: 2 for name in REFUSING if name in ground.networks})
    for _ in range(REPEATS):
        _post(team, "The same")


def _post(team: Team, text: str, **fields: Any) -> None:
    body = {"content": text, "account_ids": list(team.accounts), **fields}
    answer = team.http.post("posts", json=body)
    assert answer.is_success, answer.text


# What the others are told


def _workspace(ground: Ground, team: Team) -> str:
    ((workspace,),) = ground.stack.rows(WORKSPACE, list(team.accounts))
    return str(workspace)


def _with_a_webhook(ground: Ground) -> str:
    """Its workspace, which hears of incidents. No one need receive that: what is written counts."""
    body = {"url": f"{ground.stack.simulator_url}/wall.json", "events": ["incident.opened"]}
    ground.team.http.post("webhooks", json=body).raise_for_status()
    return _workspace(ground, ground.team)


def _incidents(ground: Ground, workspaces: Sequence[str]) -> list[Verdict]:
    return [
        Verdict("", "wrong", 0, f"A customer without a fault was told of an incident: {data}")
        for workspace, data in ground.stack.rows(TOLD)
        if workspace in workspaces
    ]


def small(ground: Ground) -> None:
    """A worker dies, then everything of one customer fails."""
    ground.ask(networks=QUICK)
    ground.until("the first is public", ground.public)
    ground.stack.kill("worker one")
    ground.broken()
    ground.ask(networks=QUICK)
    ground.start_workers()
    beside_one_that_fails(ground, FEW, FEW, FEW_ROUNDS)


SCENARIOS = [
    Scenario(
        "small",
        "The smallest form: one of two workers dies, then all posts of one customer fail.",
        small,
        networks=("x", "linkedin", "mastodon", "telegram", *QUICK),
        # Uploading their files would take longer than all the rest.
        has_kinds=False,
        settle_seconds=90,
        env=ENV,
    ),
    Scenario(
        "one-customer-fails",
        "All posts of one customer may fail, with bad files, dead tokens, a server that is gone, a "
        "pause or the same text again and again: those of others are public within a minute, and "
        "no one else is told of an incident.",
        one_customer,
        # Of posts that never end, nothing more is known after this. X proves an absence in minutes.
        settle_seconds=480,
        env=ENV,
    ),
]
