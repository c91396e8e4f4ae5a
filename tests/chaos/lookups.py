"""Answers are lost, and the networks tell late, or never, what became of the posts."""

import re
from functools import partial

import psycopg

from tests.chaos.answers import EVERYWHERE, LOST, ask, lost, of, strike, until_struck
from tests.chaos.books import Ours
from tests.chaos.ground import Ground
from tests.chaos.scenario import Scenario
from tests.platforms.facts import all_facts, facts_of

#: How long what is public is not shown, and the settings that say so.
LAG_SECONDS = 40
LAGS = {key: facts.lags for key, facts in all_facts().items() if facts.lags}
DENIED = "the lookup failed"
#: Mastodon's list is read before each send, too: while it is denied nothing is sent.
DENIABLE = tuple(key for key in all_facts() if key != "mastodon")
#: Destinations that wait for a network's answer began three days ago.
AGE = """
WITH aged AS (
    UPDATE destinations_destination SET begun_at = begun_at - interval '3 days', due_at = now()
    WHERE claim IS NULL AND status IN ('publishing', 'unconfirmed')
      AND begun_at > now() - interval '2 days'
    RETURNING id
)
UPDATE destinations_attempt a SET started_at = a.started_at - interval '3 days'
FROM aged WHERE a.destination_id = aged.id
"""
#: An attempt is append-only otherwise.
UNGUARDED = "SET LOCAL session_replication_role = replica"


def late(ground: Ground) -> None:
    """What is public is shown only later, and YouTube's upload sessions are forgotten."""
    for network, names in LAGS.items():
        for name in names:
            ground.stack.simulator.set(network, name, LAG_SECONDS)
    ground.fault("youtube", call="ask_session", status=404)
    lost(ground, LOST)
    ground.until("lookups come too early", lambda: of(ground, _looked_in_vain(ground)))


def _looked_in_vain(ground: Ground) -> list[Ours]:
    """Those that were looked for again, or, where showing it again is safe, shown again."""
    rows = ground.own().values()
    return [
        row
        for row in rows
        if re.search(" mark_unconfirmed: .* (check_again|retry_soon|retry): ", row.history or "")
    ]


def _deny(ground: Ground, status: int) -> None:
    """Answers are lost, and every lookup fails."""
    for network in ground.networks:
        for call in facts_of(network).lookups:
            ground.fault(network, call=call, status=status)
    strike(ground, LOST)
    ask(ground)
    ask(ground, in_seconds=5)
    until_struck(ground)
    ground.until("lookups fail", lambda: of(ground, _denied(ground)))


def _denied(ground: Ground) -> list[Ours]:
    """Those whose lookup failed, or whose network offers none."""
    return [
        row
        for row in ground.own().values()
        if DENIED in (row.history or "") or row.error_code == "outcome_unknown"
    ]


def denied(ground: Ground, status: int) -> None:
    """For a while no lookup is possible."""
    _deny(ground, status)
    ground.pause(20)
    ground.mend()
    ground.broken()
    ground.ask()


def never(ground: Ground) -> None:
    """No lookup is ever possible. Dovecote tries for two days; here the rows grow old at once."""
    _deny(ground, 500)
    ground.broken()

    def over() -> bool:
        with psycopg.connect(ground.servers.database_url) as connection:
            connection.execute(UNGUARDED)
            connection.execute(AGE)
        return all(row.is_final for row in ground.own().values())

    ground.until("it is called what it is: perhaps public", over, 300)
    unknown = [row for row in ground.own().values() if row.error_code == "outcome_unknown"]
    assert of(ground, unknown), "A lookup was answered"


SCENARIOS = [
    Scenario(
        "lookup-late",
        f"A network may show what is public {LAG_SECONDS} seconds later, when answers are lost.",
        late,
        # What Bluesky has taken is shown at once.
        networks=tuple(LAGS),
    ),
    Scenario(
        "lookup-500",
        "Answers may be lost while every lookup fails.",
        partial(denied, status=500),
        networks=DENIABLE,
    ),
    Scenario(
        "lookup-403",
        "Answers may be lost while every lookup is forbidden: LinkedIn's posts may be live then.",
        partial(denied, status=403),
        networks=DENIABLE,
        may_stay_unknown=("linkedin",),
    ),
    Scenario(
        "lookup-never",
        "Answers may be lost and no lookup ever be answered: then a post may be live, and "
        "Dovecote says so.",
        never,
        networks=DENIABLE,
        may_stay_unknown=EVERYWHERE,
    ),
]
