"""Write the events of accounts for webhooks, in the transaction of the change."""

from destinations import outbox
from destinations.models import Account


def connected(account: Account, *, is_new: bool) -> None:
    """Write the event of an account that its owner connected, or authorized again."""
    _tell(account, "account.connected", "connected" if is_new else "reconnected")


def switched_on(account: Account) -> None:
    _tell(account, "account.connected", "switched_on")


def switched_off(account: Account) -> None:
    _tell(account, "account.disconnected", "switched_off")


def reconnect_needed(account: Account) -> None:
    """Write that the network refuses the authorization; once, when that is found."""
    _tell(account, "account.reconnect_needed", "authorization_refused")


def _tell(account: Account, event: str, reason: str) -> None:
    data = {
        "account_id": account.pk,
        "platform": account.platform,
        "account_name": account.name,
        "reason": reason,
    }
    outbox.emit(account.workspace_id, event, data)
