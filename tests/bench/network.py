"""The stub network as a process of a measure, and what it has seen."""

import json
import sys
from collections import Counter
from urllib.request import urlopen

from deploy.local.readiness import answers
from deploy.local.supervisor import Service
from tests.bench.environment import NETWORK_PORT, NETWORK_URL, ROOT

ANSWER_SECONDS = 0.05


def stub(**slow: float) -> Service:
    """Answers after ANSWER_SECONDS; `facebook=29` slows one network down."""
    hosts = {"facebook": "graph.facebook.com"}
    pauses = [f"{hosts[name]}={seconds}" for name, seconds in slow.items()]
    command = ("-m", "tests.bench.stub", str(NETWORK_PORT), str(ANSWER_SECONDS), *pauses)
    return Service(
        "stub", (sys.executable, *command), ROOT, lambda: answers(f"{NETWORK_URL}/stub/count")
    )


def clear() -> None:
    urlopen(f"{NETWORK_URL}/stub/clear").read()


def count() -> int:
    """How many requests have published something."""
    return int(urlopen(f"{NETWORK_URL}/stub/count").read())


def arrivals() -> dict[str, float]:
    """When each post arrived first (Unix time), by its body."""
    found: dict[str, float] = {}
    for at, body in json.loads(urlopen(f"{NETWORK_URL}/stub/arrivals").read()):
        found.setdefault(body, at)
    return found


def duplicates() -> int:
    """How many posts arrived more than once."""
    rows = json.loads(urlopen(f"{NETWORK_URL}/stub/arrivals").read())
    return sum(times - 1 for times in Counter(body for _, body in rows).values())
