"""Accounts at Meta's networks with some of the scopes."""

import dataclasses

from tests.platforms.driver import Drive


def grant(simulator, drive: Drive, *scopes: str, known: bool) -> None:
    """Give the account a token with these scopes, which its row knows or not."""
    key, number = drive.adapter.key, drive.account.platform_account_id
    extra = {**drive.account.extra, "scopes": list(scopes)}
    token = simulator.connect(key, number, extra=extra)
    drive.account = dataclasses.replace(drive.account, token=token, scopes=scopes if known else ())
    drive.requests.clear()
