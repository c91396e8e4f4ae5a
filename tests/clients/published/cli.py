"""@posteverywhere/cli: every command, each as a process of its own."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.clients.published import answers as a
from tests.clients.published.ground import Ground, in_future
from tests.clients.published.journal import (
    NO_ACCOUNT,
    UNKNOWN,
    UNSUPPORTED,
    Journal,
    Refused,
    first,
)
from tests.clients.published.lines import converse, program
from tests.clients.published.npm import installed

PROGRAM = "node_modules/@posteverywhere/cli/dist/index.js"
PATIENCE_SECONDS = 60
#: What `login` keeps below the home folder.
SAVED = ("api_key", "email", "organization_id")
#: Networks that need no browser: what it asks on the way, and what a person types.
TYPED = {
    "bluesky": (("Handle", "me.example"), ("App password", "b")),
    "telegram": (("Bot token", "1:b"), ("Channel", "@acme")),
    "discord": (("Webhook URL", "https://discord.example/hook"),),
}
#: Why what a person types is refused.
SAID = {
    "bluesky": NO_ACCOUNT,
    "telegram": "This is no token of a bot",
    "discord": "on discord.com",
}
#: Networks that the service does not have, and one that is misspelled.
UNKNOWN_NETWORKS = ("lemmy", "MySpace", " x ")


@dataclass
class Cli:
    """Logs in as a person does: its key is in the configuration below `home`."""

    url: str
    home: Path
    name = "CLI"

    def call(self, method: str, *arguments: Any) -> Any:
        """What the command prints: JSON, because its output is no terminal.

        An argument that is a function is what a person does elsewhere, told what the command
        prints before it waits; then the answer has what it `told` and how it `ended`.
        """
        person = next((each for each in arguments if callable(each)), None)
        child = self._start(method, *(each for each in arguments if each is not person))
        if method == "connect" and arguments[0] in TYPED:
            converse(child, TYPED[arguments[0]])
        if person is None:
            return self._finished(child)
        told = self._object(child)
        person(told)
        return {"told": told, "ended": self._finished(child)}

    def _start(self, *command: Any) -> "subprocess.Popen[str]":
        environ = {"HOME": str(self.home), "POSTEVERYWHERE_API_URL": self.url}
        # A key in the environment would win over the one that it keeps.
        environ["POSTEVERYWHERE_API_KEY"] = ""
        return program(PROGRAM, *map(str, command), home=installed(), **environ)

    def _finished(self, child: "subprocess.Popen[str]") -> Any:
        said, errors = child.communicate(timeout=PATIENCE_SECONDS)
        if child.returncode:
            raise Refused(json.loads(errors)["error"])
        return json.loads(said) if said.lstrip().startswith("{") else said

    def _object(self, child: "subprocess.Popen[str]") -> Any:
        """The first object that it prints; more follows only when it ends."""
        assert child.stdout
        said = ""
        for line in child.stdout:
            said += line
            if line == "}\n":
                return json.loads(said)
        return self._finished(child)


def play(ground: Ground, tmp: Path) -> Journal:
    scenes = (logs_in, looks_around, connects, publishes, asks, logs_out)
    return Journal(Cli(ground.url, tmp)).play(ground, scenes)


def looks_around(j: Journal, ground: Ground) -> None:
    found = j.call("GET /accounts", "accounts", answers=a.ACCOUNTS)
    j.equal("accounts", found.get("account_ids"), ground.accounts)
    j.call("GET /me", "whoami", answers=a.ME)
    j.call("GET /platform-rules", "platform-rules", answers=a.RULES)
    one = j.call("GET /platform-rules", "platform-rules", "x", answers=a.RULE)
    j.equal("the network", one.get("platform"), "x")
    health = "GET /accounts/{id}/health"
    j.call(health, "account:health", ground.of("x"), answers=a.ACCOUNT_HEALTH)


def publishes(j: Journal, ground: Ground) -> None:
    x, everywhere = str(ground.of("x")), ",".join(map(str, ground.accounts))
    say = ("post", "-a", everywhere, "-c")
    fetched = j.call("POST /media/upload-from-url", "upload", ground.picture(), answers=a.FETCHED)
    file = fetched.get("media_id", UNKNOWN)
    ground.arrived(file)
    post = j.call("POST /posts", *say, "CLI: hello", "-m", file, answers=a.CREATED)
    at = in_future(seconds=8)
    j.call("POST /posts", "post", "-a", x, "-c", "CLI: at its time", "-s", at, answers=a.CREATED)
    zone = ("-s", "2031-04-01T09:00:00", "--timezone", "America/New_York")
    later = j.call("POST /posts", *say, "CLI: later", *zone, answers=a.CREATED)
    j.equal("a time without zone", later.get("scheduled_for"), "2031-04-01T09:00:00Z")
    number = post.get("post_id", UNKNOWN)
    ground.published(number)
    j.equal("hello", ground.on_the_wall("CLI: hello"), ground.places())
    told = j.call("GET /posts/{id}/results", "results", number, answers=a.RESULTS)
    j.equal("results", {each["status"] for each in told.get("results", [])}, {"published"})
    failed = ground.failing()
    asked = ("--status", "failed,partially_failed", "--platform", "x", "--limit", "2")
    found = j.call("GET /posts", "posts", *asked, answers=a.POSTS)
    j.equal("found", first(found.get("posts", [])).get("id"), failed)
    retried = j.call("POST /posts/{id}/retry", "retry", failed, answers=a.RETRIED)
    j.equal("retried", retried.get("retried_count"), 1)
    ground.published(failed)
    ground.at_its_time(j, "CLI: at its time", at)


def asks(j: Journal, _: Ground) -> None:
    for period in ((), ("--period", "week")):
        j.call("GET /analytics/summary", "analytics", *period, answers=a.SUMMARY)
    j.call("GET /campaigns", "campaigns", answers=a.CAMPAIGNS)
    said = ("-t", "Pigeons", "--platform", "x", "--tone", "witty")
    j.call("POST /ai/generate-caption", "caption", *said, answers=a.CAPTIONS)


def logs_in(j: Journal, ground: Ground) -> None:
    """An operator lets the terminal in, and it has a key of its own from then on."""
    shape = {"told": a.DEVICE, "ended": a.AUTHORIZED}
    j.call("POST /auth/device, .../token", "login", ground.lets_in, answers=shape)
    saved = j.client.home / ".posteverywhere" / "config.json"
    j.equal("the key is saved", list(json.loads(saved.read_text())), list(SAVED))


def connects(j: Journal, ground: Ground) -> None:
    """An account is connected and repaired in a browser, while the command waits.

    It asks for 15 minutes, and gives up once the link has expired.
    """
    number, shape = ground.person(), {"told": a.CONNECTING, "ended": a.CONNECTED}

    def owner(told: Any) -> None:
        ground.connects(told["authorize_url"], number)

    def no_one(told: Any) -> None:
        ground.expires(told["session_id"])

    path = "POST /auth/social-connect/start, GET .../poll/{id}"
    made = j.call(path, "connect", "x", owner, answers=shape)
    account = made["ended"]["account"]["id"] if made else 0
    again = j.call(path, "reconnect", account, owner, answers=shape)
    j.equal("the account", again and again["ended"]["account"]["id"], account)
    j.refused(path, "connect", "x", no_one, says="expired")
    for network in UNKNOWN_NETWORKS:
        j.refused(path, "connect", network, says=UNSUPPORTED)
    for network in TYPED:
        path = f"POST /auth/social-connect/{network}"
        j.refused(path, "connect", network, says=SAID.get(network, UNSUPPORTED))


def logs_out(j: Journal, _: Ground) -> None:
    j.call("", "help", answers="text")
    j.call("", "logout", answers={"ok": (True,)})
    j.refused("GET /me", "whoami", says="Not logged in")
