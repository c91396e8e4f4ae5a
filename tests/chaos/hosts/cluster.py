"""Dovecote on many hosts: what runs where, and how it reaches the rest."""

import shutil
import signal
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import httpx

from config.queue import heartbeats
from config.queue.processes import SERVES
from tests import programs
from tests.acceptance.stack import ROOT, Stack, dying_with_us
from tests.chaos.hosts import postgres, valkey
from tests.chaos.hosts.network import Network
from tests.chaos.hosts.servers import Servers
from tests.conftest import Simulator

WEBS, BEATS = ("web-1", "web-2"), ("beat-1", "beat-2")
WORKERS, UPLOADER = ("worker-1", "worker-2", "worker-3"), "uploader-1"
PROXY, S3, SIMULATOR = "proxy", "s3", "simulator"
#: Hosts with a process of Dovecote, in the order in which they are upgraded.
OURS = (*WORKERS, UPLOADER, *WEBS, *BEATS)
#: The last number of each host's address.
NUMBERS = {
    PROXY: 10,
    "web-1": 11,
    "web-2": 12,
    "worker-1": 21,
    "worker-2": 22,
    "worker-3": 23,
    UPLOADER: 31,
    "beat-1": 41,
    "beat-2": 42,
    postgres.POOLER: 51,
    postgres.PRIMARY: 52,
    postgres.STANDBY: 53,
    valkey.PRIMARY: 61,
    valkey.REPLICA: 62,
    "sentinel-1": 63,
    "sentinel-2": 64,
    "sentinel-3": 65,
    S3: 71,
    SIMULATOR: 81,
}
#: How long a process may take to finish what it has begun (deploy/compose.yaml).
STOP_SECONDS = {"worker": 330, "uploader": 330, "web": 40, "beat": 40}
WEB_PORT, S3_PORT = 8000, 9000
BUCKET, S3_KEYS = "media", ("someone", "something")
CADDYFILE = ROOT / "deploy" / "proxy" / "Caddyfile"


class Cluster(Stack):
    """A stack whose processes are named after the hosts that they run on."""

    def __init__(self, home: Path, env: Mapping[str, str]) -> None:
        self.closing_hosts = ExitStack()
        self.network = Network()
        self.closing_hosts.callback(self.network.close)
        at = {name: self.network.add(name, number) for name, number in NUMBERS.items()}
        self.servers = Servers(self.network, home)
        self.closing_hosts.callback(self.servers.end)
        self.postgres = postgres.Postgres(self.servers, home)
        self.valkey = valkey.Valkey(self.servers, home)
        super().__init__(home, self.postgres.url, self.valkey.url, env)
        self.url = f"http://{at[PROXY]}"
        self.simulator_url = f"http://{at[SIMULATOR]}:{self._simulator_port}"
        self.simulator = Simulator(self.simulator_url, self.client(self.simulator_url))
        #: Where a host finds the product, if not where we do.
        self.releases: dict[str, Path] = {}

    def up(self) -> None:
        """Start every host's process and wait until customers are answered."""
        self._start_s3()
        self._start_proxy()
        self.make_tables()
        address = self.network.address(SIMULATOR)
        self.start(SIMULATOR, options=["--host", address, "--name", address])
        for name in OURS:
            self.start_host(name)
        self.wait(
            "the simulator answers", partial(_answers, f"{self.simulator_url}/wall.json"), 240
        )
        for name in WEBS:
            self.wait(f"{name} is ready", partial(_answers, f"{self.web_url(name)}/readyz"), 240)
        self.wait("the proxy answers", partial(_answers, f"{self.url}/healthz"))

    def start_host(self, name: str) -> None:
        """Start Dovecote's process of this host."""
        role = name.partition("-")[0]
        if role not in SERVES:
            return self.start(name, role)
        return self.start(name, "worker", options=["-n", f"{role}@%h", *SERVES[role]])

    def upgrade_host(self, name: str, release: Path) -> None:
        """Stop a host's process as deploy/compose.yaml does, and start that release's."""
        role = name.partition("-")[0]
        self.signal(name, signal.SIGTERM)
        self._running[name].wait(STOP_SECONDS[role])
        del self._running[name]
        self.releases[name] = release
        self.start_host(name)

    def migrate(self, release: Path) -> None:
        done = programs.run(
            [sys.executable, "manage.py", "migrate", "--noinput", "--verbosity", "0"],
            cwd=release,
            env=self._env(),
        )
        assert done.returncode == 0, done.stderr

    def versions(self) -> dict[str, str]:
        """What each worker and beat says it runs, by its host; those that are dead left out."""
        return {
            worker.name.partition("@")[2]: worker.details.version
            for worker in heartbeats.known(self.broker)
            if worker.is_alive
        }

    def readiness(self, web: str) -> dict[str, Any] | None:
        """What /readyz of this host says; None if it does not answer."""
        try:
            return dict(httpx.get(f"{self.web_url(web)}/readyz", trust_env=False).json())
        except (httpx.TransportError, ValueError):
            return None

    def errors(self) -> str:
        """The errors that web hosts have logged, as far as they can be read at once."""
        lines = [line for web in WEBS for line in self.log(web).splitlines()]
        return "\n".join(line[:2500] for line in lines if '"level":"error"' in line)[:5000]

    def web_url(self, name: str) -> str:
        return f"http://{self.network.address(name)}:{WEB_PORT}"

    def end(self) -> None:
        super().end()
        self.closing_hosts.close()

    def _start_s3(self) -> None:
        address = self.network.address(S3)
        argv = [sys.executable, "-m", "moto.server", "-H", address, "-p", str(S3_PORT)]
        self.servers.start(S3, argv)
        store = boto3.client(
            "s3",
            endpoint_url=f"http://{address}:{S3_PORT}",
            aws_access_key_id=S3_KEYS[0],
            aws_secret_access_key=S3_KEYS[1],
            region_name="us-east-1",
        )
        self.servers.wait("a bucket", lambda: store.create_bucket(Bucket=BUCKET))

    def _start_proxy(self) -> None:
        caddy = shutil.which("caddy")
        assert caddy
        env = {
            "SITE_ADDRESS": self.url,
            "WEB_ADDRESS": " ".join(f"{self.network.address(web)}:{WEB_PORT}" for web in WEBS),
            "PROXY_BUFFERS": "buffers_2_6",
            "XDG_DATA_HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home),
        }
        argv = [caddy, "run", "--adapter", "caddyfile", "--config", str(CADDYFILE)]
        self.servers.start(PROXY, argv, env=env)

    def _can_fork(self, *_: Any) -> bool:
        """Not from one host to another."""
        return False

    def _before(self, name: str) -> list[str]:
        return [*self.network.inside(name), *dying_with_us()]

    def _folder(self, name: str) -> Path:
        return self.releases.get(name, ROOT)

    def _env(self) -> dict[str, str]:
        return {
            **super()._env(),
            "ALLOWED_HOSTS": self.network.address(PROXY),
            "WEB_HOST": "0.0.0.0",
            "WEB_PORT": str(WEB_PORT),
            "MEDIA_S3_BUCKET": BUCKET,
            "MEDIA_S3_ENDPOINT_URL": f"http://{self.network.address(S3)}:{S3_PORT}",
            "MEDIA_S3_ACCESS_KEY_ID": S3_KEYS[0],
            "MEDIA_S3_SECRET_ACCESS_KEY": S3_KEYS[1],
        }


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False, timeout=5).is_success
    except httpx.TransportError:
        return False
