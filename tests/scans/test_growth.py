"""Every reader of a customer's text is known, and takes twice as long for twice as much."""

import re

import pytest

from tests.scans import exempt, found, growth
from tests.scans.material import Material, against
from tests.scans.readers import Reader, readers

READERS = {each.name: each for each in readers()}
#: What every commit measures.
QUICK_CHARS = 4_096
#: The square of this is seconds, even of the shortest steps: longer texts show nothing more.
LONG_CHARS = 65_536


def known() -> set[str]:
    return {place for each in READERS.values() for place in each.covers}


def test_every_expression_and_every_scan_is_timed_or_exempted():
    places = found.expressions() | found.scans()

    unknown = {each for each in places - known() if not exempt.is_exempt(each)}

    assert not unknown, f"Add them to tests/scans/readers.py: {sorted(unknown)}"


def test_no_pattern_is_made_in_another_way():
    every = found.compiled()
    patterns = {every[place] for place in every if place in known() or exempt.is_exempt(place)}

    assert {place for place, pattern in every.items() if pattern not in patterns} == set()


def test_nothing_is_exempted_that_is_not_there():
    assert set(exempt.PLACES) <= found.expressions() | found.scans()


@pytest.mark.parametrize(
    "source",
    [r"\s+$", r'"(?:[^"\\]|\\.)*"', r"\b[\w-]*(?:token|secret)[\w-]*=", r"(a+)+$", "<a>.*?</a>"],
)
def test_a_pattern_that_reads_again_what_it_has_read_is_found(source, monkeypatch):
    monkeypatch.setattr(growth, "GIVE_UP_SECONDS", 0.2)
    monkeypatch.setattr(growth, "MORE_TRIES", 1)
    careless = re.compile(source, re.DOTALL)

    with pytest.raises(AssertionError):
        # Long enough for it to be given up: of growth, a disturbed measure may see too little.
        measure(Reader(source, 0, careless.search, (), tuple(against(careless))), LONG_CHARS)


@pytest.mark.parametrize("name", READERS)
def test_a_short_text_that_is_doubled_costs_twice_as_much(name):
    measure(READERS[name], QUICK_CHARS)


@pytest.mark.thorough
@pytest.mark.parametrize("name", READERS)
def test_a_long_text_that_is_doubled_costs_twice_as_much(name, record_property, capsys):
    reader = READERS[name]

    worst, material = measure(reader, min(reader.most, LONG_CHARS))

    record_property("worst growth", worst)
    with capsys.disabled():
        print(f"\n{worst:.2f} times for twice as much: {name}, {material}")


def measure(reader: Reader, most: int) -> tuple[float, Material | None]:
    """The largest growth, and its material. Fails if it is too large."""
    worst, by = 0.0, None
    for material in reader.materials:
        grown = growth.worst(lambda chars, given=material: ready(reader, given, chars), most)
        assert grown <= growth.MOST_GROWTH, f"{grown:.1f} times: {material!r}"
        worst, by = max((worst, by), (grown, material), key=lambda each: each[0])
    return worst, by


def ready(reader: Reader, material: Material, chars: int):
    text = material.text(chars)

    def read() -> object:
        try:
            return reader.read(text)
        except growth.TooSlow:
            raise
        except Exception as refusal:  # noqa: BLE001  # a refusal is an answer too
            return refusal

    return read
