"""Log lines for people, as `make up` shows them."""

import io
import logging
import re

import pytest
import structlog

from config.observability import logs
from config.process import wants_colour


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch):
    """What the process writes where there is no terminal."""
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    logs.configure({"format": "console", "level": "INFO"})
    written = io.StringIO()
    logging.getLogger().handlers[0].setStream(written)
    yield written.getvalue
    logs.configure({"format": "console", "level": "INFO"})


def test_a_line_has_time_level_event_logger_facts_and_ids_without_colours(said) -> None:
    with structlog.contextvars.bound_contextvars(destination="d1"):
        structlog.get_logger("ours").info("published", platform="x", text="two words")
    at, _, line = said().partition(" ")
    assert re.fullmatch(r"[0-9:]{8}", at)
    assert re.sub(" +", " ", line) == (
        "[info ] published [ours] platform=x text='two words' destination=d1\n"
    )


def test_an_error_of_a_library_has_its_logger_and_a_plain_traceback(said) -> None:
    try:
        raise ValueError("broken")
    except ValueError:
        logging.getLogger("some.package").exception("cannot %s", "go on")
    first, *below = said().splitlines()
    assert "[error    ] cannot go on" in first
    assert "[some.package]" in first
    assert below[0] == "Traceback (most recent call last):"
    assert below[-1] == "ValueError: broken"


def test_colour_is_for_terminals_unless_refused_or_passed_on() -> None:
    assert wants_colour(Terminal(), {})
    assert not wants_colour(io.StringIO(), {})
    assert not wants_colour(Terminal(), {"NO_COLOR": "1", "FORCE_COLOR": "1"})
    assert not wants_colour(Terminal(), {"TERM": "dumb"})
    assert wants_colour(io.StringIO(), {"FORCE_COLOR": "1"})


def test_workers_that_look_for_each_other_are_not_worth_a_line(said) -> None:
    logging.getLogger("celery.worker.consumer.mingle").info("mingle: searching for neighbors")
    logging.getLogger("flower.inspector").warning("Inspect method conf failed")
    assert said() == ""
