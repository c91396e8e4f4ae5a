"""An account that its owner has really connected, and whose token must be refreshed before use."""

import uuid

from tests.acceptance.team import IDS, Team

EXPIRE = """
UPDATE destinations_account SET token_expires_at = now() WHERE id = %s RETURNING is_refreshable
"""


def connect(team: Team, network: str) -> int:
    """Our number of the new account, whose refresh token the simulated network has given."""
    stack, number = team.stack, IDS[network].format(str(uuid.uuid4().int)[:15])
    stack.simulator.connect(network, number)
    consent(team, network, number)
    ((account,),) = stack.rows(
        "SELECT id FROM destinations_account WHERE platform_account_id = %s", number
    )
    assert stack.rows(EXPIRE, account) == [(True,)]
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
    browser = stack.client(stack.url)
    page = browser.get(link).headers["location"]
    returned = browser.get(stack.simulator.consent(page, number), follow_redirects=True)
    assert returned.is_success, returned.text
