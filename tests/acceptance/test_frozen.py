"""A worker that is frozen with a send announced wakes up to a world that went on without it."""

import signal

import pytest

from tests.acceptance.stack import Stack
from tests.acceptance.team import Team

pytestmark = pytest.mark.thorough

#: As if the pauses between the lookups had passed.
LOOK_NOW = """
UPDATE destinations_destination SET due_at = now()
WHERE account_number = %s AND status = 'unconfirmed' AND claim IS NULL AND due_at > now()
RETURNING 1
"""
STATUS = "SELECT status, next_retry_at FROM destinations_destination WHERE account_number = %s"
#: What the frozen worker says when it finds out: it writes down its outcome, or a step before.
FOUND_OUT = ('"too_late"', '"claim_lost"')


def freeze(stack: Stack, network: str) -> tuple[Team, str, str]:
    """A team, its only post, and the name of the worker that is frozen with it."""
    name = f"frozen-{network}"
    team = stack.team(**{network: 1})
    stack.stop("worker")
    stack.start(name, "worker", {"DOVECOTE_FAILPOINT": f"sending:{network}:stop"})
    post = team.post("Frozen")
    stack.wait("it is frozen", lambda: stack.is_frozen(name))
    stack.start("worker")
    return team, post, name


def thaw(stack: Stack, name: str) -> None:
    stack.signal(name, signal.SIGCONT)
    stack.wait("it woke up", lambda: any(word in stack.log(name) for word in FOUND_OUT))
    stack.stop(name)


def test_what_another_worker_proved_absent_and_sent_is_not_sent_again(stack: Stack):
    team, post, frozen = freeze(stack, "facebook")
    team.published(post)

    thaw(stack, frozen)

    team.assert_each_once(team.published(post))


def test_what_a_person_had_sent_again_is_not_sent_by_the_worker_that_wakes_up(stack: Stack):
    """X cannot prove that nothing is public, and takes the same text again an hour later."""
    team, post, frozen = freeze(stack, "x")
    (account,) = team.accounts

    def is_given_up() -> bool:
        stack.rows(LOOK_NOW, account)
        return stack.rows(STATUS, account) == [("failed", None)]

    stack.wait("its end as one that may be live", is_given_up)
    assert team.wall() == []
    body = {"confirm_not_published": True}
    team.http.post(f"posts/{post}/retry", json=body).raise_for_status()
    team.published(post)
    stack.simulator.advance(3600)

    thaw(stack, frozen)

    team.assert_each_once(team.published(post))
