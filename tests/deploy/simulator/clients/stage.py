"""Where a client plays: hosts by their own names over TLS, a person who consents, the outcome.

Behind the names is the simulator. The clients' programs reach it as they reach the internet through
a company's proxy, by HTTPS_PROXY and the certificate of an authority; the one for Node.js, whose
`fetch` knows no proxies, is given a `fetch` (its documented option) that sends all to GATEWAY.
"""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests import programs
from tests.acceptance.stack import dying_with_us
from tests.conftest import Simulator
from tests.platforms.driver import image, video
from tests.real import gateway
from tests.tls import Authority

HERE = Path(__file__).resolve().parent
SECONDS = 120


@dataclass
class Stage:
    """Run programs in the folder `home`, which has a picture and a video to publish."""

    simulator: Simulator
    gateway: gateway.Gateway
    authority: Authority
    home: Path

    def start(self, *command: object, **environ: str) -> "subprocess.Popen[str]":
        trusted = str(self.authority.file)
        return subprocess.Popen(
            [*dying_with_us(), *map(str, command)],
            cwd=self.home,
            env={
                "PATH": programs.PATH,
                "HOME": str(self.home),
                "LC_ALL": "C.UTF-8",
                "HTTPS_PROXY": self.gateway.url,
                "REQUESTS_CA_BUNDLE": trusted,
                "SSL_CERT_FILE": trusted,
                "GATEWAY": self.gateway.url,
                **environ,
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *command: object, **environ: str) -> tuple[int, str, str]:
        """Return how a program ends, and what it prints to stdout and stderr."""
        child = self.start(*command, **environ)
        out, errors = child.communicate(timeout=SECONDS)
        return child.returncode, out, errors

    def told(self, child: "subprocess.Popen[str]", typed: str = "") -> Any:
        """Return the JSON that a program prints at its end."""
        out, errors = child.communicate(typed, timeout=SECONDS)
        assert child.returncode == 0, errors[-3000:]
        return json.loads(out)

    def consent(self, address: str, account: str) -> str:
        """Agree on a server's page, in a browser; the code that it then shows."""
        parts = urlsplit(address)
        path = f"/{parts.netloc}{parts.path.rstrip('/')}"
        shown = self.simulator.consent(f"{path}?{parts.query}", account)
        return parse_qs(urlsplit(shown).query)["code"][0]

    def calls(self) -> set[str]:
        """Return the calls that were made so far, without ids."""
        return {self._without_id(call) for call in self.gateway.carried}

    @staticmethod
    def _without_id(call: str) -> str:
        return "/".join("*" if part.isdigit() else part for part in call.rstrip("/").split("/"))


@contextmanager
def staged(simulator: Simulator, home: Path) -> Iterator[Stage]:
    authority = Authority(home)
    (home / "dove.png").write_bytes(image())
    (home / "dove.mp4").write_bytes(video())

    def route(host: str, path: str) -> tuple[str, str, dict[str, str]]:
        # Servers of Mastodon take a path with a slash at its end for the one without.
        path, mark, query = path.partition("?")
        return simulator.url, f"/{host}{path.rstrip('/')}{mark}{query}", {}

    with gateway.running(route, authority) as running:
        yield Stage(simulator, running, authority, home)
