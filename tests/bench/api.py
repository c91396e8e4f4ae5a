"""What a call of the API costs the web process, next to a bare view of Django REST framework.

Drives the real WSGI application in this process, set up as in production, against embedded
PostgreSQL and Redis; no socket, so no server's own cost. Prints milliseconds of CPU (medians of
batches, each case in turn), SQL statements and the ratio to the bare view, which runs in the same
turns. `python -m tests.bench.api [part of a name]`
"""

import io
import itertools
import json
import logging
import os
import statistics
import sys
import time
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / ".dovecote" / "bench-api"
BATCH = 200
BATCHES = 5
#: Posts that are stored before any is read.
STORED = 100_000
NETWORKS = ("x", "linkedin", "facebook")
#: By case: the least ratio to the bare view that we want, and that a run fails on. The bare view
#: fits a processor's caches and our calls do not: beside neighbours that use them, the ratio of the
#: same code falls to a third within minutes.
BARS = {
    "POST /posts, scheduled": (0.3, 0.06),
    "POST /posts, at once": (0.3, 0.04),
    "GET /posts": (0.35, 0.05),
    "GET results": (0.45, 0.08),
}
#: What a check that stores nothing may cost, in costs of the same post.
MOST_OF_A_POST = 1.5
#: High, so that nothing is refused; still counted.
LIMITS = "1000000/min,10000000/h,100000000/day"

os.environ.update(
    DJANGO_SETTINGS_MODULE="config.settings",
    DOVECOTE_HOME=str(HOME),
    SECRET_KEY="bench",
    CREDENTIAL_KEYS="MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    DEBUG="false",
    SECURE_SSL_REDIRECT="false",
    LOG_FORMAT="json",
    LOG_LEVEL="INFO",
    RATE_LIMIT_REQUESTS=LIMITS,
    RATE_LIMIT_POSTS=LIMITS,
)

from deploy.local import embedded  # noqa: E402

embedded.start(HOME)
# WhiteNoise warns of a missing folder.
(HOME / "static").mkdir(exist_ok=True)

from config.wsgi import application  # noqa: E402
from destinations.runtime.flushing import flusher  # noqa: E402

# isort: split

from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import override_settings  # noqa: E402

from destinations.models import Account  # noqa: E402
from posts.keys import keys  # noqa: E402
from posts.models import Workspace  # noqa: E402
from tests.bench import reads  # noqa: E402
from tests.bench.api_cases import CHECKED, CHECKS, Case, note, posting, reading  # noqa: E402
from tests.bench.result import Result, ratio_at_least, ratio_at_most  # noqa: E402
from tests.factories import make_account  # noqa: E402

# As in web: what requests leave behind is written, and is part of their cost.
flusher.start()
with override_settings(MIDDLEWARE=["tests.bench.bare.BareUrls"]):
    bare = WSGIHandler()


def send(case: Case, number: int, secret: str) -> bytes:
    """The body of the answer. Raises if the call is refused."""
    address = urlsplit(case.path)
    sent = json.dumps(case.body(number)).encode() if case.body else b""
    environ = {
        "REQUEST_METHOD": case.method,
        "PATH_INFO": address.path,
        "QUERY_STRING": address.query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1:8000",
        "HTTP_ACCEPT": "application/json",
        "HTTP_AUTHORIZATION": f"Bearer {secret}",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(sent)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(sent),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        **case.headers(number),
    }
    statuses: list[str] = []
    answer = (case.app or application)(
        environ, lambda status, headers, *rest: statuses.append(status)
    )
    body = b"".join(answer)
    answer.close()
    if not statuses[0].startswith("2"):
        raise SystemExit(f"{case.name}: {statuses[0]}\n{body[:500]!r}")
    return body


def statements(case: Case, number: int, secret: str) -> int:
    """How many SQL statements one call executes, beside BEGIN and COMMIT."""
    found = 0

    def count(execute: Any, sql: Any, *rest: Any) -> Any:
        nonlocal found
        found += 1
        return execute(sql, *rest)

    with connection.execute_wrapper(count):
        send(case, number, secret)
    return found


def cpu_ms(case: Case, numbers: "itertools.count[int]", secret: str) -> float:
    """CPU milliseconds per call over one batch."""
    began = time.process_time()
    for number in itertools.islice(numbers, BATCH):
        send(case, number, secret)
    return (time.process_time() - began) * 1000 / BATCH


REFERENCES = [
    Case("bare POST", "POST", "/notes/", "bare POST", note, app=bare),
    Case("bare GET", "GET", "/notes/", "bare GET", app=bare),
]


def prepare() -> tuple[str, list[Account]]:
    """The secret of a new key, and the account of each network in its workspace."""
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE posts_workspace CASCADE")
    workspace = Workspace.objects.create(name="Bench")
    _, secret = keys.create(workspace, "Bench", ("read", "write"))
    return secret, [make_account(workspace, network) for network in NETWORKS]


def silence() -> None:
    """Lines are made as in production, and written nowhere."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(Path(os.devnull).open("w"))  # noqa: SIM115


def measure(
    part: str = "", batches: int = BATCHES, stored: int = STORED, names: Collection[str] = ()
) -> dict[str, dict[str, float]]:
    """By case: `cpu_ms`, `statements`, and `ratio` of the bare view's CPU time to it."""
    secret, accounts = prepare()
    silence()
    every = posting([account.pk for account in accounts])
    if not part.startswith("POST"):
        post = reads.store(accounts[0].workspace, accounts, stored)
        every += reading(post, accounts[0].pk)
    chosen = [case for case in every if part in case.name and (not names or case.name in names)]
    cases = [*REFERENCES, *chosen]
    numbers = itertools.count()
    taken: dict[str, list[float]] = {case.name: [] for case in cases}
    counts = {}
    for case in cases:  # Caches fill before anything is counted.
        send(case, next(numbers), secret)
        counts[case.name] = statements(case, next(numbers), secret)
    for _ in range(batches):
        for case in cases:
            taken[case.name].append(cpu_ms(case, numbers, secret))
    medians = {name: statistics.median(values) for name, values in taken.items()}
    return {
        case.name: {
            "cpu_ms": medians[case.name],
            "statements": counts[case.name],
            "ratio": medians[case.reference] / medians[case.name],
        }
        for case in cases
    }


def results(*, short: bool = False) -> list[Result]:
    found = measure(batches=1, stored=2000, names=[*BARS, *CHECKS]) if short else measure()
    rows = []
    for name, each in found.items():
        ms, rate = each["cpu_ms"], 1000 / each["cpu_ms"]
        if name in CHECKS:
            most = ratio_at_most(MOST_OF_A_POST)
            rows.append(Result(f"{name}: CPU", ms, "ms", ms * each["ratio"], CHECKED, bar=most))
            continue
        if name not in BARS:
            rows.append(Result(f"{name}: CPU", ms, "ms"))
            continue
        wanted, least = BARS[name]
        against = {"reference": rate / each["ratio"], "against": "bare DRF view"}
        bars = {"bar": ratio_at_least(wanted), "margin": ratio_at_least(least)}
        rows += [
            Result(f"{name}: CPU", ms, "ms"),
            Result(
                f"{name}: each second of CPU",
                rate,
                "/s",
                **against,
                **bars,
                headline=f"{name}: requests per second of CPU",
            ),
        ]
    return [replace(rows[0], note=_statements(found)), *rows[1:]]


def _statements(found: Mapping[str, Mapping[str, float]]) -> str:
    counts = (f"{name}: {each['statements']:.0f}" for name, each in found.items())
    return f"SQL statements of {'; '.join(counts)}."


def main() -> None:
    found = measure(sys.argv[1] if len(sys.argv) > 1 else "")
    for name, each in found.items():
        print(
            f"{name:32} {each['cpu_ms']:7.2f} ms CPU {each['statements']:4.0f} statements"
            f"   ratio {each['ratio']:.3f}"
        )


if __name__ == "__main__":
    main()
