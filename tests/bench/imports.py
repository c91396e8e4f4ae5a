"""A file of posts, sent to the API and imported by workers while nothing else is due."""

import csv
import io
import time
from datetime import timedelta

from tests.bench import environment  # isort: skip  # noqa: F401  # before Django's models

from django.utils import timezone

from destinations.models import Account, Destination
from tests.bench import load, network
from tests.bench.api_client import Client
from tests.bench.processes import Meter, product_services, running
from tests.bench.result import Result, at_most

ROWS = 5_000
ACCOUNTS = 3
GIVE_UP_SECONDS = 300
LOOK_SECONDS = 0.1


def results(*, short: bool = False) -> list[Result]:
    count = 1_000 if short else ROWS
    with running(network.stub(), *product_services()) as started:
        load.empty()
        workspace = load.workspace()
        client, rows = Client(workspace), file(count, load.accounts(workspace, ACCOUNTS))
        meter, began = Meter(started), time.monotonic()
        job = client.import_csv(rows)
        accepted = time.monotonic() - began
        _wait_until_imported(client, job, count)
        seconds = time.monotonic() - began
        used = sum(meter.used().values())
    missing = count * ACCOUNTS - Destination.objects.count()
    return [
        Result(f"{count:,} rows: accepted", accepted, "s"),
        Result(
            f"{count:,} rows to {ACCOUNTS} accounts each: imported",
            seconds,
            "s",
            bar=None if short else at_most(20),
            headline=f"a file of {count:,} posts to {ACCOUNTS} accounts each: imported within",
        ),
        Result("CPU of all processes, a row", used * 1000 / count, "ms"),
        Result("destinations missing", missing, "", bar=at_most(0), margin=at_most(0)),
    ]


def file(count: int, accounts: list[Account]) -> bytes:
    """CSV of so many posts for tomorrow, each to all of these accounts."""
    at = (timezone.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    ids = ";".join(str(account.pk) for account in accounts)
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(["content", "account_ids", "scheduled_at"])
    writer.writerows([f"Row {number} of a long plan", ids, at] for number in range(count))
    return written.getvalue().encode()


def _wait_until_imported(client: Client, job: str, count: int) -> None:
    give_up_at = time.monotonic() + GIVE_UP_SECONDS
    while (found := client.get(f"imports/{job}?limit=1"))["status"] == "processing":
        if time.monotonic() > give_up_at:
            raise SystemExit(f"{found['done']} of {count} rows after {GIVE_UP_SECONDS} s")
        time.sleep(LOOK_SECONDS)
    if found["valid"] != count:
        raise SystemExit(f"{found['valid']} of {count} rows are valid")
