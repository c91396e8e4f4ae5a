"""Tries of destinations, made by the moves that workers make."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from destinations.models import Destination
from destinations.runtime import clock
from destinations.state import transitions
from destinations.state.attempts import AttemptUpdate
from destinations.state.transitions import Change
from tests.factories import make_account, make_post, make_workspace


class Clock:
    """The database's clock, set by a test."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at = clock.now()
        monkeypatch.setattr(clock, "now", lambda: self.at)

    def advance(self, **time: float) -> datetime:
        self.at += timedelta(**time)
        return self.at


def make(platform: str = "x", account: Any = None, **fields: Any) -> Destination:
    account = account or make_account(make_workspace(), platform)
    return make_post(account.workspace, [account], **fields).destinations.get()


def start(row: Destination) -> Destination:
    fields = {"attempts": row.attempts + 1, "begun_at": clock.now(), "error_code": "", "error": ""}
    move("start", row, fields, attempt=row.attempts + 1)
    return row


def end(row: Destination, name: str, outcome: str, **fields: Any) -> None:
    """`outcome`: `published` or an error's code; blank leaves the attempt open."""
    if outcome not in ("", "published"):
        fields |= {"error_code": outcome, "error": f"It said {outcome}."}
    update = AttemptUpdate(finished=bool(outcome), outcome=outcome)
    move(name, row, fields, row.attempts, update)


def move(
    name: str,
    row: Destination,
    fields: dict[str, Any],
    attempt: int | None = None,
    update: AttemptUpdate | None = None,
) -> None:
    change = Change(row.pk, row.claim, fields, attempt=attempt, update=update)
    assert transitions.move_all({name: [change]}, by="worker:a") == {row.pk}
    row.refresh_from_db()


def wait(row: Destination, name: str, code: str, **later: float) -> None:
    """The try failed, and another one waits."""
    at = clock.now() + timedelta(**later)
    end(row, name, code, due_at=at, next_retry_at=at, wanted_at=at)
