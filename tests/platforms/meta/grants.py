"""What Meta's networks share: their words, and accounts with some of the scopes."""

import dataclasses

from tests.platforms.driver import Drive

#: What comes back from a consent page with a person's no.
DENIED = {"error": "access_denied", "error_reason": "user_denied"}
#: Documents of the Graph API.
GRAPH = "Graph API, Using the Graph API"
PROOF = "Graph API, Secure Requests: required once the app says so"


def grant(simulator, drive: Drive, *scopes: str, known: bool) -> None:
    """Give the account a token with these scopes, which its row knows or not."""
    key, number = drive.adapter.key, drive.account.platform_account_id
    extra = {**drive.account.extra, "scopes": list(scopes)}
    token = simulator.connect(key, number, extra=extra)
    drive.account = dataclasses.replace(drive.account, token=token, scopes=scopes if known else ())
    drive.requests.clear()
