"""The sentence that says what happens next, for every way a destination can stand."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from destinations.admin.story.next_step import next_step
from destinations.models import Account, Destination, Outage
from destinations.state.waiting import SPACING_RULE

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def row(status, account=None, **fields) -> Destination:
    values = {"wanted_at": at(-5), "platform": "x", "account_name": "@acme", **fields}
    return Destination(status=status, account=account or Account(is_active=True), **values)


CLAIM = uuid.uuid4()
CASES = {
    "published": (row("published"), "done", "It is published: nothing more happens."),
    "draft": (
        row("queued"),
        "done",
        "It is a draft: nothing is sent until it is scheduled or published.",
    ),
    "scheduled": (row("queued", due_at=at(40)), "goes_on", "It is sent 09:00:40 UTC (in 40 s)."),
    "tomorrow": (
        row("queued", due_at=at(86400)),
        "goes_on",
        "It is sent 2026-11-27 09:00:00 UTC (in 24 h).",
    ),
    "spaced": (
        row("queued", due_at=at(40), wanted_at=at(-3600)),
        "held",
        f"It is late, and sent 09:00:40 UTC (in 40 s): {SPACING_RULE}.",
    ),
    "late": (
        row("queued", due_at=at(-5)),
        "goes_on",
        "Due since 08:59:55 UTC (5 s ago): it begins when a worker is free.",
    ),
    "retry": (
        row("failed", due_at=at(40), next_retry_at=at(40), failures=2),
        "goes_on",
        "Next try 09:00:40 UTC (in 40 s): try 3 of 9.",
    ),
    "running": (
        row("publishing", due_at=at(55), claim=CLAIM),
        "goes_on",
        "It is being sent. If its worker dies, another one takes over 09:00:55 UTC (in 55 s).",
    ),
    "worker gone": (
        row("publishing", due_at=at(-1), claim=CLAIM),
        "goes_on",
        "The worker's lease ended 08:59:59 UTC (1 s ago): another worker looks what became of it.",
    ),
    "processing": (
        row("publishing", due_at=at(10)),
        "goes_on",
        "X processes it, and is asked again 09:00:10 UTC (in 10 s).",
    ),
    "unconfirmed": (
        row("unconfirmed", due_at=at(15), lookups=1),
        "goes_on",
        "X is asked at 09:00:15 UTC (in 15 s) whether it is public: lookup 2.",
    ),
    "may be live": (
        row("failed", error_code="outcome_unknown"),
        "act",
        "Waits for you: look at “@acme” on X, then say what you found.",
    ),
    "content": (
        row("failed", error_code="text_too_long"),
        "act",
        "Waits for the customer: Shorten the text.",
    ),
    "nobody": (
        row("failed", error_code="platform_unavailable"),
        "act",
        "It is not tried again by itself. Retry it if it is still wanted.",
    ),
    "unknown code": (
        row("failed", error_code=""),
        "act",
        "It is not tried again by itself. Retry it if it is still wanted.",
    ),
    "held": (
        row("queued", Account(is_active=True, held_until=at(3600)), due_at=at(-5)),
        "held",
        "Held: X limits “@acme” until 10:00:00 UTC (in 60 min).",
    ),
    "disconnected": (
        row("queued", Account(is_active=True, needs_reconnection_since=NOW), due_at=at(40)),
        "held",
        "“@acme” is disconnected: it fails 09:00:40 UTC (in 40 s) unless that is mended.",
    ),
    "switched off": (
        row("queued", Account(is_active=False), due_at=at(40)),
        "held",
        "“@acme” is switched off: it fails 09:00:40 UTC (in 40 s) unless that is mended.",
    ),
    "too late": (
        row("queued", due_at=at(-5), not_after=at(-1)),
        "held",
        "It is too late to send it: it fails when a worker takes it.",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_it_says_what_happens_next(case):
    destination, kind, text = CASES[case]

    found = next_step(destination, NOW)

    assert (found.kind, found.text) == (kind, text)


def test_a_pause_holds_what_waits_and_nothing_else():
    waiting = next_step(row("queued", due_at=at(-5)), NOW, paused="X is paused")
    running = next_step(row("publishing", due_at=at(5), claim=CLAIM), NOW, paused="X is paused")

    assert waiting.text == "Held: X is paused. It is sent after that is resumed."
    assert running.kind == "goes_on"


def test_a_queue_that_is_switched_off_holds_its_posts():
    found = next_step(row("queued"), NOW, in_queue=True)

    assert found.kind == "held"
    assert found.text == "Held: its posting queue is switched off. It is sent after that is on."


def test_it_says_for_the_end_of_which_outage_it_waits():
    outage = Outage(scope="network", name="X", opened_at=at(-600), probe_at=at(20))

    found = next_step(row("queued", due_at=at(-5)), NOW, outage=outage)

    assert found.kind == "held"
    assert found.text == (
        "Held: X has been down since 08:50:00 UTC (10 min ago), and is probed 09:00:20 UTC (in "
        "20 s). It is sent once posts get through again."
    )


def test_what_is_due_says_that_no_worker_serves_its_queue():
    late = row("queued", due_at=at(-5), queue="publish.x")

    assert next_step(late, NOW, is_unserved=True).text == (
        "Due since 08:59:55 UTC (5 s ago): no worker serves publish.x. Start one."
    )
    later = row("queued", due_at=at(40), queue="publish.x")
    assert next_step(later, NOW, is_unserved=True).kind == "goes_on"
