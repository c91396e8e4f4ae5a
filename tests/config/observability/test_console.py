import io
import logging

import pytest
import structlog

from config.observability import logs
from config.observability.words import Words, wants_colour


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch):
    """What the process writes for people, on no terminal."""
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    logs.configure({"format": "console", "level": "INFO"})
    written = io.StringIO()
    logging.getLogger().handlers[0].setStream(written)
    yield written.getvalue
    logs.configure({"format": "console", "level": "INFO"})


def test_a_line_begins_with_level_and_event_and_ends_with_ids_and_time(said) -> None:
    with structlog.contextvars.bound_contextvars(destination="d1"):
        structlog.get_logger("ours").info("published", platform="x", text="two words")
    line, at = said().rsplit(" at=", 1)
    assert line == "info     published platform=x text='two words' destination=d1"
    assert len(at) == len("12:00:00\n")


def test_whoever_complains_is_named_and_what_was_raised_follows(said) -> None:
    try:
        raise ValueError("broken")
    except ValueError:
        logging.getLogger("a.library").exception("cannot %s", "go on")
    first, *below = said().splitlines()
    assert first.startswith("error    cannot go on logger=a.library at=")
    assert below[0] == "Traceback (most recent call last):"
    assert below[-1] == "ValueError: broken"


def test_colour_is_for_terminals_unless_refused_or_passed_on() -> None:
    assert wants_colour(Terminal(), {})
    assert not wants_colour(io.StringIO(), {})
    assert not wants_colour(Terminal(), {"NO_COLOR": "1", "FORCE_COLOR": "1"})
    assert not wants_colour(Terminal(), {"TERM": "dumb"})
    assert wants_colour(io.StringIO(), {"FORCE_COLOR": "1"})


def test_colours_end_where_they_should() -> None:
    line = Words(colour=True)(None, "info", {"level": "info", "event": "ready", "web": 1})
    assert line == "\x1b[32minfo    \x1b[0m \x1b[1mready\x1b[0m \x1b[2mweb=\x1b[0m1"


def test_workers_that_look_for_each_other_are_not_worth_a_line(said) -> None:
    logging.getLogger("celery.worker.consumer.mingle").info("mingle: searching for neighbors")
    logging.getLogger("flower.inspector").warning("Inspect method conf failed")
    assert said() == ""
