"""The kinds of posts that chaos asks for: those of every network, each recognised by the books."""

import pytest

from platforms.registry import ADAPTERS
from tests.chaos import books, kinds

MARK = "mark000000000001"
ALL = [kind for of in kinds.KINDS.values() for kind in of]


def test_every_network_has_kinds_of_its_own():
    assert {network for network, of in kinds.KINDS.items() if of} == set(ADAPTERS)


def test_every_file_of_a_kind_is_drawn():
    assert set(kinds.files_of(kinds.KINDS)) <= set(kinds.FILES)


def test_what_people_call_a_kind_of_post_is_among_them():
    names = " ".join(kind.what for kind in ALL)
    words = "thread chain poll album carousel article link document story reel Short first comment"

    assert not [word for word in words.split() if word not in names]


@pytest.mark.parametrize("kind", [kind for kind in ALL if kind.parts], ids=lambda k: k.platform)
def test_the_parts_of_a_chain_are_those_that_the_books_count(kind):
    said = kinds.fields(kind, MARK, {name: name for name in kind.files})
    parts = said["platform_content"][kind.platform]["settings"]["thread"]
    shown = [
        {"id": text, "network": "x", "account": "1", "text": text, "extra": {}, "created_at": 1}
        for text in parts
    ]

    wanted = {books.part(MARK, number) for number in kinds.facts(kind)["parts"]}
    assert {name for name, _, _ in books.public(shown)} == wanted
    assert len(wanted) == len(kind.parts)


def test_kinds_whose_absence_is_unprovable_are_kinds_of_the_demo():
    unprovable = {kind.what for kind in ALL if kinds.facts(kind)["may_be_live"]}

    assert unprovable == {what for of in kinds.UNPROVABLE.values() for what in of}
