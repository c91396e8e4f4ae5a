"""What is said of a text before is what the network does: texts of all scripts, at its limit."""

import dataclasses
import itertools
from collections.abc import Iterator

import pytest

from platforms.drafts import Draft
from platforms.errors import PlatformError
from platforms.outcomes import Published
from platforms.registry import ADAPTERS
from posts.composing import validate
from posts.composing.freeze import Target
from tests.conftest import Simulator
from tests.deploy.simulator.texts import texts
from tests.platforms.facts import Kind, connect, facts_of

#: Their limits are Dovecote's own.
WITHOUT_LIMIT = ("wordpress", "nostr")
MARKDOWN = ("telegram", "wordpress")
_numbers = itertools.count(70_000_000_000)


def kinds(network: str) -> Iterator[Kind]:
    """Every kind of post that shows a text."""
    facts = facts_of(network)
    yield from (kind for kind in facts.kinds.values() if kind.draft.text)
    if network in MARKDOWN:
        yield Kind(facts.usual.call, Draft("Hello", settings={"textFormat": "markdown"}))
    if facts.thread:
        yield Kind(facts.usual.call, facts.thread)


def saying(draft: Draft, text: str) -> Draft:
    """The draft with this text; of a thread, in its second part."""
    if "thread" in draft.settings:
        return dataclasses.replace(draft, settings={"thread": [text]})
    return dataclasses.replace(draft, text=text)


def problem(network: str, draft: Draft) -> str:
    """What the customer is told; empty if the post is valid."""
    found = validate.of_stored(Target(1, "acme", network), draft, ()).problems
    return " ".join(each.message for each in found)


def refusal(simulator: Simulator, network: str, kind: Kind, draft: Draft) -> str:
    """What the network says; empty if it publishes the post."""
    drive = connect(simulator, network, str(next(_numbers)), kind.account)
    drive.set("processing_seconds", 0)
    try:
        outcome = drive.finish(draft)
    except PlatformError as error:
        return f"{error.code}: {error}"
    return "" if isinstance(outcome, Published) else str(outcome)


def filled(network: str, draft: Draft, text: str, over: int) -> Draft:
    """The text after as many letters as make it as long as the network takes, and so many more."""
    adapter = ADAPTERS[network]
    most = adapter.limits_for(draft).text_chars + over
    letters = 0
    for _ in range(4):
        words = f"{'a' * letters} {text}"
        length = adapter.measure(words, 2 * most).count
        if length == most:
            return saying(draft, words)
        letters += most - length
    raise AssertionError(f"{text!r} makes {length} instead of {most}.")


def disagreements(simulator: Simulator, network: str, seed: int, count: int) -> list[str]:
    """Where only one of the two refuses a text, with its end."""
    found = []
    for kind, over in itertools.product(kinds(network), (0, 1)):
        if over and "textFormat" in kind.draft.settings:
            continue  # Markdown counts as it is written, which may be more than what is shown
        for text in ("e\u0301\U0001f54a", *texts(seed + over, count)):
            if network in WITHOUT_LIMIT:
                draft = saying(kind.draft, f"A {text}")
            else:
                draft = filled(network, kind.draft, text, over)
            before, then = problem(network, draft), refusal(simulator, network, kind, draft)
            if bool(before) != bool(then):
                found.append(f"{kind.call} …{text!r}: {before or 'valid'}; {then or 'taken'}")
    return found


@pytest.mark.parametrize("network", ADAPTERS)
def test_a_text_that_is_valid_is_taken_and_a_longer_one_is_not(simulator: Simulator, network: str):
    assert disagreements(simulator, network, 1, 3) == []


@pytest.mark.thorough
@pytest.mark.parametrize("network", ADAPTERS)
def test_many_texts_that_are_valid_are_taken(simulator: Simulator, network: str):
    assert disagreements(simulator, network, 1000, 20) == []
