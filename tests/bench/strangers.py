"""A post a second of one workspace beside 20 a second of another, at the worst servers there are.

That workspace's 100 accounts are at servers which it has named, and which answer what is dear to
read, drip, or flood (`worst.py`). Of the honest posts: from the due time until they are published.
"""

import os
import sys
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from tests.bench import environment  # isort: skip  # before Django's models

from django.utils import timezone

from deploy.local.readiness import answers
from deploy.local.supervisor import Service
from destinations.accounts import encryption
from destinations.models import Account, Attempt, Destination
from posts.models import Workspace
from tests.bench import lags, load, network, worst
from tests.bench.processes import product_services, running
from tests.bench.result import Result, at_least, at_most, percentile
from tests.factories import make_post
from tests.platforms.nostr.account import id_of, token_of

SECONDS, SHORT_SECONDS = 40, 5
#: Accounts of each way, and posts of each way in a second.
EACH, EACH_SECOND = 25, 5
#: After the last honest post is due.
PATIENCE_SECONDS = 60
LOOK_SECONDS = 0.25


def results(*, short: bool = False) -> list[Result]:
    seconds = SHORT_SECONDS if short else SECONDS
    port = environment._free_ports(1)
    _name_servers(f"http://127.0.0.1:{port}")
    with running(network.stub(), _worst(port), *product_services()) as started:
        alone, _ = _one_a_second(seconds)
        beside, begun = _one_a_second(seconds, is_beside=True)
        started.kill()  # the others need not come to their end
    late = percentile(beside, 99) - percentile(alone, 99)
    name = f"one a second beside {EACH * len(worst.WAYS)} accounts at the worst servers"
    return [
        Result(
            f"{name}: published p50", percentile(beside, 50), "s", percentile(alone, 50), "alone"
        ),
        Result(
            f"{name}: published p99", percentile(beside, 99), "s", percentile(alone, 99), "alone"
        ),
        Result(
            "later at p99 than alone",
            late,
            "s",
            bar=at_most(0.5),
            headline="a post each second beside strangers' worst servers: 99% are later by",
        ),
        # Else nothing was measured.
        Result("posts to the worst servers that began", begun, "", margin=at_least(1)),
    ]


def _host(way: str, number: int) -> str:
    return f"{way}{number}.strangers.example"


def _name_servers(url: str) -> None:
    """Have the product find X at the stub, and each of the hosts at the server of the worst."""
    found = {"https://api.x.com": f"{environment.NETWORK_URL}/api.x.com"}
    for way in worst.WAYS:
        found |= {f"https://{_host(way, number)}": f"{url}/{way}" for number in range(EACH)}
    os.environ["PLATFORM_BASE_URLS"] = ",".join(f"{name}={to}" for name, to in found.items())
    # It would reach all networks at one address.
    os.environ["SIMULATOR_URL"] = ""


def _worst(port: int) -> Service:
    command = (sys.executable, "-m", "tests.bench.worst", str(port))
    url = f"http://127.0.0.1:{port}/ready"
    return Service("worst", command, environment.ROOT, lambda: answers(url))


def _one_a_second(seconds: int, *, is_beside: bool = False) -> tuple[list[float], int]:
    """How long each honest post took, and how many of the others' began."""
    load.empty()
    load.spoil_statistics()
    crowd, honest = load.workspace("crowd"), load.workspace("honest")
    [account] = load.accounts(honest, 1)
    others = _accounts(crowd) if is_beside else {}
    due_at = load.notice(seconds * EACH_SECOND * len(others))
    for second in range(1, seconds + 1):
        at = due_at + timedelta(seconds=second)
        make_post(honest, [account], content=f"Honest {second}", scheduled_for=at)
        for way, accounts in others.items():
            _post(crowd, accounts, at, f"{way} {second}", turn=second)
    load.wait_until_before(due_at)
    _wait_until_published(honest, seconds)
    return _took(honest), lags.begun(crowd)


def _post(
    workspace: Workspace, accounts: Sequence[Account], at: datetime, text: str, *, turn: int
) -> None:
    """EACH_SECOND posts, by the accounts whose turn it is."""
    first = turn * EACH_SECOND % EACH
    load.posts(workspace, accounts[first : first + EACH_SECOND], EACH_SECOND, at, text)


def _accounts(workspace: Workspace) -> dict[str, list[Account]]:
    """By the way of their servers."""
    return {
        way: Account.objects.bulk_create(_account(workspace, way, number) for number in range(EACH))
        for way in worst.WAYS
    }


def _account(workspace: Workspace, way: str, number: int) -> Account:
    host = _host(way, number)
    if way == worst.HEARD:
        platform, account_id = "nostr", id_of(str(number + 1))
        kept = {"token": token_of(account_id), "extra": {"relays": f"wss://{host}", "media": ""}}
    else:
        platform, account_id = "mastodon", f"{number + 1}@{host}"
        kept = {"token": load.token(platform, account_id)}
    return Account(
        workspace=workspace,
        platform=platform,
        platform_account_id=account_id,
        name=f"@{way}{number}",
        username=f"{way}{number}",
        credentials=encryption.seal(kept),
    )


def _wait_until_published(workspace: Workspace, seconds: int) -> None:
    give_up_at = time.monotonic() + seconds + PATIENCE_SECONDS
    while Destination.objects.filter(workspace=workspace).exclude(status="published").exists():
        if time.monotonic() > give_up_at:
            return
        time.sleep(LOOK_SECONDS)


def _took(workspace: Workspace) -> list[float]:
    """From its time until each post was published, in seconds; until now if it is not."""
    now = timezone.now()
    rows = Destination.objects.filter(workspace=workspace)
    times = {pk: (wanted, now) for pk, wanted in rows.values_list("pk", "wanted_at")}
    done = Attempt.objects.filter(destination__workspace=workspace, outcome="published")
    for pk, ended in done.values_list("destination_id", "finished_at"):
        times[pk] = times[pk][0], ended
    return [(ended - wanted).total_seconds() for wanted, ended in times.values()]
