"""Accounts that their owners have really connected, and whose tokens must be refreshed before use.

The worker dies between the network's new tokens and our storing them. Where the network still takes
the old ones the posts go out. Where a refresh token works once, no process has the new one: they
must end as `failed`, and the account must be marked for reconnection.
"""

from destinations.runtime import failpoints
from platforms.drafts import Credentials
from platforms.login_forms import LoginWithForm
from platforms.oauth import OAuth
from platforms.registry import ADAPTERS
from tests import forms
from tests.acceptance.team import Team, new_id
from tests.chaos import crashes
from tests.chaos.ground import WORKERS, Ground
from tests.chaos.scenario import Scenario

#: An account that can be refreshed, if its login refreshes at all.
TOKENS = Credentials("1", "acme", "access", "refresh")
#: Networks with a consent page whose tokens are refreshed.
NETWORKS = tuple(
    key
    for key, adapter in ADAPTERS.items()
    for login in [adapter.login_of(TOKENS)]
    if isinstance(login, OAuth) and login.can_refresh(TOKENS)
)
#: Where a refresh token works once.
SINGLE_USE = ("x", "tiktok", "bluesky", "pinterest")
#: Instagram and Threads renew no token that is younger than a day.
A_DAY_SECONDS = 25 * 3600
MOST_ACCOUNTS = 5

EXPIRE = """
UPDATE destinations_account SET token_expires_at = now() WHERE id = ANY(%s)
RETURNING is_refreshable
"""
#: Accounts of failed destinations that are not marked for reconnection.
NOT_MARKED = """
SELECT a.id FROM destinations_account a JOIN destinations_destination d ON d.account_id = a.id
WHERE d.status = 'failed' AND a.needs_reconnection_since IS NULL
"""


def connect(team: Team, network: str) -> int:
    """Our number of the new account, whose tokens the simulated network has given."""
    stack, number = team.stack, new_id(network)
    stack.simulator.connect(network, number)
    consent(team, network, number)
    ((account,),) = stack.rows(
        "SELECT id FROM destinations_account WHERE platform_account_id = %s", number
    )
    team.accounts[account] = (network, number)
    return int(account)


def consent(team: Team, network: str, number: str) -> None:
    """The owner of the network's account connects it, for the first time or again."""
    stack = team.stack
    app = {
        "network": network,
        "client_id": f"app-{network}",
        "client_secret": f"secret-{network}",
        "redirect_uris": [f"{stack.url}/connect/{network}/return"],
    }
    stack.simulator.http.post("/control/apps", json=app).raise_for_status()
    link = team.http.post("accounts/connect-link", json={"platform": network}).json()["data"]["url"]
    asks = isinstance(ADAPTERS[network].login_of(TOKENS), LoginWithForm)
    form = {"handle": number} if asks else {}
    done = forms.connect(
        stack.client(stack.url), link, lambda page: stack.simulator.consent(page, number), **form
    )
    assert done.is_success, done.text


def dies_refreshed(ground: Ground) -> None:
    accounts = []
    for network in ground.networks:
        mine = [connect(ground.team, network) for _ in range(min(ground.n, MOST_ACCOUNTS))]
        ground.use(network, mine)
        accounts += mine
    ground.stack.simulator.advance(A_DAY_SECONDS)
    for name in WORKERS:
        ground.stack.stop(name)
    for network in ground.networks:
        crashes.start_doomed(ground, network, failpoints.REFRESHED, dispatches=False)
    # Not of the clock's refreshes, which would come first.
    ground.start_worker("dispatcher", ["dispatch", "media"])
    assert all(ready for (ready,) in ground.stack.rows(EXPIRE, accounts))
    ground.ask()
    for network in ground.networks:
        crashes.await_death(ground, network)
        ground.broken(network)
    ground.start_workers()
    ground.settle()
    single = [row for row in ground.own().values() if row.platform in SINGLE_USE]
    assert any(row.status == "failed" for row in single), "No refresh token was lost."
    unmarked = ground.stack.rows(NOT_MARKED)
    assert not unmarked, f"Failed, and not to be reconnected: {unmarked}"


SCENARIOS = [
    Scenario(
        "dies-refreshed",
        "A worker may die when the network has given new tokens and they are not stored; where a "
        "refresh token works once its account must be reconnected, and nothing is public.",
        dies_refreshed,
        networks=NETWORKS,
        may_be_refused=SINGLE_USE,
        # Members, whose posts cannot be read back; others die with the one.
        may_stay_unknown=("linkedin",),
    )
]
