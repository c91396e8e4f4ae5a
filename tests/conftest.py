import logging
import re
import ssl
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings as django_settings
from django.core import signals
from django.core.cache import cache
from django.db import connection
from django.test import override_settings
from hypothesis import HealthCheck, settings

from config import process
from deploy.simulator.server import server
from destinations.runtime import broker, clock, redis_client
from destinations.runtime.replica import reading
from destinations.runtime.replica.reading import watch
from tests import emptying, migrated
from tests import standby as standbys
from tests.psql import psql

# Failures of tests that networks share name the values that differ.
pytest.register_assert_rewrite("tests.contract", "tests.platforms.meta")

# A machine that is busy with other things draws examples slowly; that says nothing of the code.
settings.register_profile("dovecote", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# What every commit runs is the same each time.
settings.register_profile("quick", settings.get_profile("dovecote"), derandomize=True)
#: What a process remembers for a while, so long: a slow test reads no more often than a quick one.
UNTIL_FORGOTTEN = 3600

# It logs every request.
logging.getLogger("httpx").setLevel(logging.WARNING)


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("quick" if config.option.quick else "dovecote")


def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Give back the memory of large files and bodies, which else stays with the process."""
    if nextitem is None or nextitem.path != item.path:
        process.trim()


@pytest.fixture(autouse=True)
def _no_claims_so_far(request: pytest.FixtureRequest) -> None:
    """Counters in Redis that are ahead of the database's mean that the database was restored."""
    if not has_database(request):
        return
    # Programs beside pytest import this module without Django's models.
    from destinations.dispatch.restoring import restore_detector

    redis_client.client(django_settings.REDIS_URL).delete(restore_detector.CLAIMS_KEY)
    cache.delete(restore_detector.KEY)


@pytest.fixture(autouse=True)
def _idle_transactions(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that is one transaction may compute for long between its requests."""
    if not has_database(request):
        return
    request.getfixturevalue("db")
    if not connection.in_atomic_block:
        return
    # Programs beside pytest import this module without Django's models.
    from posts.api.idempotency import store

    psql("SET LOCAL idle_in_transaction_session_timeout = 0")
    # A request's own limit would hold for the rest of the test.
    endless = store.LOCK_AND_FIND.replace(f"'{store.IDLE_SECONDS}s'", "0")
    monkeypatch.setattr(store, "LOCK_AND_FIND", endless)


def has_database(request: pytest.FixtureRequest) -> bool:
    is_marked = request.node.get_closest_marker("django_db") is not None
    return is_marked or bool({"db", "transactional_db"} & {*request.fixturenames})


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """A real hash takes a fifth of a second, for each operator that a test makes."""
    quick = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with override_settings(PASSWORD_HASHERS=quick):
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """The tests' own database is a copy too: only pytest-django asks for it, once a process."""
    connection.settings_dict["TEST"]["TEMPLATE"] = migrated.template()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        emptying.install()


@pytest.fixture(autouse=True)
def _clock_measured_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test depends on when another one asked the database for its time, or on its own pace."""
    clock.reset()
    monkeypatch.setattr(clock, "TRUSTED_SECONDS", UNTIL_FORGOTTEN)
    # As in a process that has lived for long: tests set times back.
    monkeypatch.setattr(clock, "_first", clock.Measurement(datetime(2000, 1, 1, tzinfo=UTC), -1e9))


@pytest.fixture(autouse=True)
def _caches_kept_for_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test is shown an outage of another one's database, or reads anew at its own pace."""
    from destinations.state import outages
    from posts.composing.extensions import post_settings

    outages.forget()
    monkeypatch.setattr(outages, "CACHE_SECONDS", UNTIL_FORGOTTEN)
    monkeypatch.setattr(post_settings, "CACHE_SECONDS", UNTIL_FORGOTTEN)


@pytest.fixture(autouse=True)
def _broker_at_hand() -> None:
    """No test depends on whether another one had a broker that was away."""
    broker.reached()


@pytest.fixture(autouse=True)
def _everything_answered(request: pytest.FixtureRequest) -> Iterator[None]:
    """A browser's last request is answered before the database is emptied, which it would block."""
    if "live_server" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("transactional_db")
    answering = Answering()
    with answering.watched():
        yield
        answering.wait()


class Answering:
    """How many requests this process is answering."""

    def __init__(self) -> None:
        self._count, self._changed = 0, threading.Condition()

    @contextmanager
    def watched(self) -> Iterator[None]:
        signals.request_started.connect(self._begun, weak=False)
        signals.request_finished.connect(self._ended, weak=False)
        try:
            yield
        finally:
            signals.request_started.disconnect(self._begun)
            signals.request_finished.disconnect(self._ended)

    def wait(self) -> None:
        """Until there are none."""
        with self._changed:
            are_answered = self._changed.wait_for(lambda: self._count <= 0, timeout=30)
        assert are_answered, f"{self._count} requests were not answered within 30 s."

    def _begun(self, **_: Any) -> None:
        self._add(1)

    def _ended(self, **_: Any) -> None:
        self._add(-1)

    def _add(self, count: int) -> None:
        with self._changed:
            self._count += count
            self._changed.notify_all()


#: Without it each client reads the certificates of all authorities anew; the simulator has none.
PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@dataclass
class Simulator:
    """The networks' simulator, spoken to over HTTP."""

    url: str
    http: httpx.Client

    def connect(self, network: str, account_id: str, **fields: Any) -> str:
        """Make an account at the network and return its token."""
        # The facts of networks are about this class.
        from tests.platforms import facts

        token = facts.token_of(network, account_id)
        body = {
            "network": network,
            "id": account_id,
            "name": "Acme",
            "username": "acme",
            "token": token,
            **fields,
        }
        self.http.post("/control/accounts", json=body).raise_for_status()
        return body["token"]

    def app(self, network: str, *redirect_uris: str) -> tuple[str, str]:
        """Register an app at the network; its id and secret."""
        client_id, secret = f"app-{uuid.uuid4().hex[:12]}", uuid.uuid4().hex
        body = {
            "network": network,
            "client_id": client_id,
            "client_secret": secret,
            "redirect_uris": list(redirect_uris),
        }
        self.http.post("/control/apps", json=body).raise_for_status()
        return client_id, secret

    def consent(self, address: str, account: str, *scopes: str, answer: str = "allow") -> str:
        """Answer the consent page at this address as a person would; where it sends the browser.

        Without `scopes` everything that the page asks for is granted.
        """
        page = self.http.get(address)
        page.raise_for_status()
        asked = re.findall(r'name="scope" value="([^"]+)"', page.text)
        form = {"account": account, "scope": list(scopes or asked), "answer": answer}
        returned = self.http.post(address, data=form)
        assert returned.status_code == 303, returned.text
        return returned.headers["location"]

    def set(self, network: str, name: str, value: Any, account: str = "") -> None:
        """Set how the network, or one account of it, behaves; see each network's file."""
        body = {"network": network, "account": account, "name": name, "value": value}
        self.http.post("/control/settings", json=body).raise_for_status()

    def advance(self, seconds: float) -> None:
        """Let the networks' clock run ahead."""
        self.http.post("/control/clock", json={"advance_seconds": seconds}).raise_for_status()

    def fault(self, network: str, **fields: Any) -> None:
        self.http.post("/control/faults", json={"network": network, **fields}).raise_for_status()

    def posts(self, network: str = "", account: str = "") -> list[dict[str, Any]]:
        """What is public, newest first."""
        found = self.http.get("/wall.json", params={"limit": "1000"}).json()["posts"]
        return [
            post
            for post in found
            if network in ("", post["network"]) and account in ("", post["account"])
        ]


@contextmanager
def serving(home: Path) -> Iterator[Simulator]:
    """A simulator of its own, with its data below the folder `home`."""
    running = server(home, 0)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    while not running.started:
        time.sleep(0.01)
    url = f"http://127.0.0.1:{running.servers[0].sockets[0].getsockname()[1]}"
    with httpx.Client(base_url=url, verify=PLAIN) as http:
        yield Simulator(url, http)
    running.should_exit = True
    thread.join(5)


@pytest.fixture(scope="session")
def running_simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    with serving(tmp_path_factory.mktemp("simulator")) as simulator:
        yield simulator


@pytest.fixture(scope="session")
def simulator_server(running_simulator: Simulator) -> str:
    return running_simulator.url


@pytest.fixture
def simulator(running_simulator: Simulator, settings: Any) -> Simulator:
    """A simulator without posts and faults, to which every platform request goes."""
    settings.SIMULATOR_URL = running_simulator.url
    running_simulator.http.post("/control/clear").raise_for_status()
    return running_simulator


@pytest.fixture(scope="session")
def standby_server() -> Iterator[standbys.Standby]:
    with standbys.standby() as running:
        yield running


@pytest.fixture
def standby(
    standby_server: standbys.Standby, settings: Any, transactional_db: None
) -> Iterator[standbys.Standby]:
    """A standby that lists are read from, however far behind it is."""
    settings.DATABASE_REPLICA = standby_server.settings
    settings.DATABASE_REPLICA_MAX_LAG_SECONDS = 10_000
    yield standby_server
    watch.stop()
    reading.reset()
