"""A running stack with a workspace, its owner, an operator, and a stranger's web server."""

import hashlib
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests import forms
from tests.acceptance.stack import Stack
from tests.acceptance.team import Team, new_id
from tests.clients.published.journal import UNKNOWN, Journal
from tests.platforms.driver import image
from tests.strangers import Stranger, stranger

#: Before /api/v1, which every client adds.
PREFIX = "/compat"
PASSWORD = "correct horse battery staple"
MAKE_OPERATOR = f"""
from django.contrib.auth.models import User
if not User.objects.filter(username="ada"):
    User.objects.create_superuser("ada", email="ada@example.com", password="{PASSWORD}")
"""


@dataclass
class Ground:
    stack: Stack
    #: With an account on X and one on LinkedIn.
    team: Team
    stranger: Stranger

    @property
    def key(self) -> str:
        return self.team.http.headers["Authorization"].removeprefix("Bearer ")

    @property
    def url(self) -> str:
        return f"{self.stack.url}{PREFIX}"

    @property
    def accounts(self) -> list[int]:
        return list(self.team.accounts)

    def of(self, network: str) -> int:
        return next(pk for pk, (name, _) in self.team.accounts.items() if name == network)

    def picture(self) -> str:
        """The address of a picture, new each time."""
        return self.stranger.gives(f"/{uuid.uuid4().hex}.png", image(640, 640))

    def arrived(self, file: str) -> None:
        """Waits until a file that is fetched from an address is ready."""
        path = f"media/{file}"
        if file != UNKNOWN:
            self.stack.wait(
                "the file is ready",
                lambda: self.team.http.get(path).json()["data"]["status"] == "ready",
            )

    def receiver(self) -> str:
        """The address of a receiver of webhooks."""
        return self.stranger.gives(f"/{uuid.uuid4().hex}", b"thanks")

    def failing(self) -> str:
        """A post on X that the network has refused."""
        fault = {"account": self.team.accounts[self.of("x")][1], "call": "create_post"}
        self.stack.simulator.fault("x", **fault, status=400, times=1)
        post = self.team.post(f"Refused {uuid.uuid4().hex}", [self.of("x")])
        self.stack.wait("it failed", lambda: self.team.results(post)[0]["status"] == "failed")
        return uuid_of(post)

    def on_the_wall(self, text: str) -> list[tuple[str, str]]:
        """(network, account) of every public post with this text."""
        return sorted((p["network"], p["account"]) for p in self.team.wall() if p["text"] == text)

    def places(self, *accounts: int) -> list[tuple[str, str]]:
        return sorted(self.team.accounts[pk] for pk in accounts or self.accounts)

    def uses_approval(self) -> None:
        """From now on, as if the operator had switched it on."""
        self.stack.rows(
            "UPDATE posts_workspace SET approval_mode = 'optional' WHERE id = %s RETURNING 1",
            self._workspace,
        )

    def approver(self) -> str:
        """Another key, which may approve what the first one writes."""
        secret = f"pe_live_{uuid.uuid4().hex}"
        self.stack.rows(
            "INSERT INTO posts_apikey (id, workspace_id, name, prefix, digest, scopes,"
            " is_restricted, request_limits, post_limits, created_at)"
            " VALUES (gen_random_uuid(), %s, 'Approver', %s, %s,"
            " ARRAY['read', 'write', 'approve'], false, '', '', now()) RETURNING 1",
            *(self._workspace, secret[:12], hashlib.sha256(secret.encode()).hexdigest()),
        )
        return secret

    @property
    def _workspace(self) -> str:
        return str(self.team.http.get("me").json()["data"]["workspace"]["id"])

    def published(self, *posts: str) -> list[dict[str, Any]]:
        """Their results, once every destination is published; only of those that were made."""
        made = [post for post in posts if post != UNKNOWN]
        if not made:
            return []
        return self.team.published(*made)

    def at_its_time(self, journal: Journal, text: str, at: str) -> None:
        """A post on X with this text was not public before its time, and is once after it."""
        x = self.team.accounts[self.of("x")]
        self.stack.wait(text, lambda: self.on_the_wall(text))
        journal.equal(text, self.on_the_wall(text), [x])
        [seen] = [public["created_at"] for public in self.team.wall() if public["text"] == text]
        journal.equal("not before", seen >= datetime.fromisoformat(at).timestamp(), True)

    def person(self) -> str:
        """The number at X, which knows this installation, of a person who connected nothing."""
        app = {
            "network": "x",
            "client_id": "app-x",
            "client_secret": "secret-x",
            "redirect_uris": [f"{self.stack.url}/connect/x/return"],
        }
        self.stack.simulator.http.post("/control/apps", json=app).raise_for_status()
        number = new_id("x")
        self.stack.simulator.connect("x", number, username=f"ada{number}")
        return number

    def connects(self, address: str, number: str) -> None:
        """The owner of this account at X opens the address, and agrees."""
        with httpx.Client(base_url=self.stack.url, trust_env=False) as browser:
            done = forms.connect(
                browser, address, lambda page: self.stack.simulator.consent(page, number)
            )
        assert done.is_success, done.text

    def expires(self, session: str) -> None:
        """The link of this session was not opened in time."""
        self.stack.rows(
            "UPDATE destinations_connection SET expires_at = now() WHERE id = %s RETURNING 1",
            int(session),
        )

    def lets_in(self, told: Mapping[str, Any]) -> None:
        """An operator opens the address that a terminal shows, and gives it a key."""
        made = self.stack.command("manage.py", "shell", "-c", MAKE_OPERATOR)
        assert made.returncode == 0, made.stderr
        key = {"workspace": self._workspace, "name": "CLI", "scopes": ["read", "write", "ai"]}
        with httpx.Client(follow_redirects=True, trust_env=False) as browser:
            login = browser.get(f"{self.stack.url}/admin/login/")
            forms.press(browser, login, username="ada", password=PASSWORD)
            asked = browser.get(told["verification_uri_complete"])
            assert told["user_code"] in asked.text
            done = forms.press(browser, asked, grant="yes", **key)
        assert "fetches its key" in done.text, done.text


def uuid_of(post: str) -> str:
    """The compatibility mount's form of a post's id."""
    from destinations import public_ids

    return str(public_ids.decode("post", post))


def in_future(**by: int) -> str:
    return f"{datetime.now(UTC) + timedelta(**by):%Y-%m-%dT%H:%M:%SZ}"


@contextmanager
def ground(stack: Stack) -> Iterator[Ground]:
    """A workspace of its own on a running stack."""
    with stranger() as other:
        yield Ground(stack, stack.team(x=1, linkedin=1), other)
