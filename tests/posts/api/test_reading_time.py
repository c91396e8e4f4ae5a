"""A body is read in time that grows as its length does, no matter what is in it."""

import time
from contextlib import suppress

import pytest
from rest_framework.exceptions import ParseError, ValidationError

from posts.api.parsers import DEPTH, decode
from posts.errors import RequestRefused

#: So many that the strings are looked at.
OPEN = b"[" * (DEPTH + 1)
#: What is repeated until the body is full, after what comes before it.
BODIES = {
    "escaped quotes in a string that is not closed": (OPEN + b'"', b'\\"'),
    "escapes and quotes by turns": (OPEN + b'"', b'\\\\"'),
    "strings side by side": (OPEN, b'"a"'),
    "escapes outside of strings": (OPEN, b"\\"),
    "brackets that close nothing": (OPEN, b"]["),
}


def cpu_seconds(body: bytes) -> float:
    """Of reading it once; the least of some tries, because machines do other things too."""
    least = float("inf")
    for _ in range(5):
        began = time.process_time()
        with suppress(ParseError, ValidationError, RequestRefused):
            decode(body)
        least = min(least, time.process_time() - began)
    return least


@pytest.mark.parametrize("name", BODIES)
def test_eight_times_as_much_takes_no_more_than_about_eight_times_as_long(name):
    before, repeated = BODIES[name]
    short, long = (before + repeated * (size // len(repeated)) for size in (12_000, 96_000))

    # In proportion to the square of the length it would be 64 times. A millisecond is noise.
    assert cpu_seconds(long) < 24 * max(cpu_seconds(short), 0.001)
