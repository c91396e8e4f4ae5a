"""Logging in without a key: an operator compares a code in the admin, and grants one."""

import time
from collections.abc import Callable

from dovecote import calls
from dovecote._api_error import LoginFailed
from dovecote._exchange import Connection
from dovecote._steps import Sleep, Steps
from dovecote.models import DeviceLogin

#: How much less often to ask when the server says so.
SLOWER_SECONDS = 5
FAILED = {
    "denied": "The operator refused the login.",
    "expired": "The code has expired. Log in again.",
}


def log_in(
    connection: Connection, client_name: str, show: Callable[[DeviceLogin], None]
) -> Steps[str]:
    """A key, once an operator has granted it.

    `show` gets the code to compare and the address where. Raises LoginFailed.
    """
    told = (yield from connection.exchange(calls.start_device_login(client_name=client_name))).data
    show(told)
    interval, deadline = told.interval, time.monotonic() + told.expires_in
    while time.monotonic() < deadline:
        yield Sleep(interval)
        asked = calls.ask_device_login(told.device_code)
        token = (yield from connection.exchange(asked)).data
        if token.status == "authorized":
            return str(token.api_key)
        if token.status == "slow_down":
            interval += SLOWER_SECONDS
        elif token.status != "pending":
            raise LoginFailed(FAILED.get(token.status, str(token.status)))
    raise LoginFailed(FAILED["expired"])
