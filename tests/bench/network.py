"""The networks of a measure: a stub and what it has seen, or the simulator."""

import json
import sys
from collections import Counter
from collections.abc import Iterable
from urllib.request import urlopen

from deploy.local.demo.web import ask
from deploy.local.readiness import answers
from deploy.local.supervisor import Service
from destinations.models import Account
from tests.bench import load
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


def introduce(accounts: Iterable[Account]) -> None:
    """Have the simulator forget everything, and know these accounts."""
    control = f"{NETWORK_URL}/control"
    ask("POST", f"{control}/clear")
    for account in accounts:
        body = {
            "network": account.platform,
            "id": account.platform_account_id,
            "name": account.name,
            "username": account.username,
            "token": load.token(account.platform, account.platform_account_id),
        }
        assert ask("POST", f"{control}/accounts", json=body).status == 201


def slow_down(networks: Iterable[str]) -> None:
    """Have the simulator answer for these after ANSWER_SECONDS, so that calls overlap."""
    for name in networks:
        fault = {"network": name, "delay_seconds": ANSWER_SECONDS}
        assert ask("POST", f"{NETWORK_URL}/control/faults", json=fault).status == 201
