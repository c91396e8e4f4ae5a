"""What happens next to a destination, and when, in one sentence. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from destinations.manual_retry import MAY_BE_PUBLIC
from destinations.models import Destination, Outage
from destinations.state.waiting import SPACING_RULE, limited_until, spaced_until
from destinations.times import clock_time
from destinations.wording import profile, quoted
from platforms.adapter import Adapter
from platforms.errors import CODES
from platforms.registry import ADAPTERS

S = Destination.Status

#: How an error's actor is called in "Waits for …".
ACTORS = {
    "customer": "the customer",
    "account owner": "the account's owner",
    "operator": "you",
    "nobody": "a person",
}


@dataclass(frozen=True, slots=True)
class Next:
    """`kind`: nothing happens by itself until a person acts (`act`), it is held, or it goes on."""

    text: str
    kind: Literal["done", "goes_on", "held", "act"] = "goes_on"


def next_step(
    row: Destination,
    now: datetime,
    *,
    paused: str = "",
    outage: Outage | None = None,
    in_queue: bool = False,
    is_unserved: bool = False,
) -> Next:
    """`row` has its account loaded. `paused` says what is paused, if it concerns this row.

    `outage`: for whose end it waits. `in_queue`: whether a posting queue gave its post the time.
    `is_unserved`: whether no worker serves its Celery queue.
    """
    if row.status == S.PUBLISHED:
        return Next("It is published: nothing more happens.", "done")
    if row.status == S.FAILED and row.next_retry_at is None:
        return _over(row)
    if row.due_at is None and in_queue:
        return Next("Held: its posting queue is switched off. It is sent after that is on.", "held")
    if row.due_at is None:
        return Next("It is a draft: nothing is sent until it is scheduled or published.", "done")
    if row.is_begun:
        return _begun(row, row.due_at, now)
    held = _held(row, row.due_at, now, paused, outage)
    return held or _next_try(row, row.due_at, now, is_unserved=is_unserved)


def _over(row: Destination) -> Next:
    if row.error_code == MAY_BE_PUBLIC:
        return Next(
            f"Waits for you: look at {profile(row.account_name, row.platform)}, then say what you "
            "found.",
            "act",
        )
    code = CODES.get(row.error_code)
    if code is None or code.actor == "nobody":
        return Next("It is not tried again by itself. Retry it if it is still wanted.", "act")
    return Next(f"Waits for {ACTORS[code.actor]}: {code.to_do}", "act")


def _begun(row: Destination, due_at: datetime, now: datetime) -> Next:
    """A try is running, the network processes, or the network is asked."""
    adapter = ADAPTERS[row.platform]
    if row.status == S.UNCONFIRMED:
        when = "now" if row.claim else f"at {clock_time(due_at, now)}"
        return Next(
            f"{adapter.name} is asked {when} whether it is public: lookup {row.lookups + 1}."
        )
    if row.claim is None:
        return Next(f"{adapter.name} processes it, and is asked again {clock_time(due_at, now)}.")
    if due_at < now:
        return Next(
            f"The worker's lease ended {clock_time(due_at, now)}: another worker looks what became "
            "of it."
        )
    return Next(
        f"It is being sent. If its worker dies, another one takes over {clock_time(due_at, now)}."
    )


def _held(
    row: Destination, due_at: datetime, now: datetime, paused: str, outage: Outage | None
) -> Next | None:
    """Nothing runs; return what keeps it from beginning at its time."""
    adapter, account, name = ADAPTERS[row.platform], row.account, quoted(row.account_name)
    if row.not_after and row.not_after < now:
        return Next("It is too late to send it: it fails when a worker takes it.", "held")
    if paused:
        return Next(f"Held: {paused}. It is sent after that is resumed.", "held")
    if account is None or not account.can_post:
        why = "is disconnected" if account is None or account.is_active else "is switched off"
        return Next(
            f"{name} {why}: it fails {clock_time(due_at, now)} unless that is mended.",
            "held",
        )
    if until := limited_until(account, max(now, due_at)):
        return Next(
            f"Held: {adapter.name} limits {name} until {clock_time(until, now)}.",
            "held",
        )
    if outage:
        since, probe = clock_time(outage.opened_at, now), clock_time(outage.probe_at, now)
        return Next(
            f"Held: {outage.marked_name} has been down since {since}, and is probed {probe}. It is "
            "sent once posts get through again.",
            "held",
        )
    if until := spaced_until(row, now):
        return Next(f"It is late, and sent {clock_time(until, now)}: {SPACING_RULE}.", "held")
    return None


def _next_try(row: Destination, due_at: datetime, now: datetime, *, is_unserved: bool) -> Next:
    """It waits for its time, a retry, or a worker."""
    which = _which_try(row, ADAPTERS[row.platform])
    if not row.claim and due_at > now:
        what = "Next try" if row.next_retry_at else "It is sent"
        return Next(f"{what} {clock_time(due_at, now)}{which}.")
    since = clock_time(row.wanted_at, now)
    if is_unserved:
        return Next(f"Due since {since}: no worker serves {row.queue}. Start one.", "held")
    return Next(f"Due since {since}: it begins when a worker is free{which}.")


def _which_try(row: Destination, adapter: Adapter) -> str:
    """`: try 3 of 9`, of the tries that count; "" for the first."""
    if not row.failures:
        return ""
    return f": try {row.failures + 1} of {len(adapter.retry.delays_seconds) + 1}"
