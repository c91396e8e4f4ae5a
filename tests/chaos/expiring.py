"""Accounts that their owners have really connected, and whose tokens must be refreshed before use.

The worker dies between the network's new tokens and our storing them. They are in Redis by then, so
all posts go out, also where a refresh token works once.
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
#: Instagram and Threads renew no token that is younger than a day.
A_DAY_SECONDS = 25 * 3600
#: One for each worker that dies: what others have asked for is on its way then, and lost with it.
MOST_ACCOUNTS = 1

EXPIRE = """
UPDATE destinations_account SET token_expires_at = now() WHERE id = ANY(%s)
RETURNING is_refreshable
"""
MARKED = "SELECT id FROM destinations_account WHERE needs_reconnection_since IS NOT NULL"


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
    marked = ground.stack.rows(MARKED)
    assert not marked, f"Lost their tokens: {marked}"


SCENARIOS = [
    Scenario(
        "dies-refreshed",
        "A worker may die when the network has given new tokens and they are not stored: no "
        "account loses them, also where a refresh token works once.",
        dies_refreshed,
        networks=NETWORKS,
        # The networks' clock runs ahead.
        public_within=None,
        # Members, whose posts cannot be read back; others die with the one.
        may_stay_unknown=("linkedin",),
    )
]
