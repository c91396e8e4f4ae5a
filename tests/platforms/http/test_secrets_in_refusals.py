"""No refusal of a network brings a secret into an error, an attempt or a log line.

Each adapter and each login uses the real client against a network that quotes the account's secrets
in its own form of refusal, whole or cut, at any position.
"""

import asyncio
import base64
import json
import traceback
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.observability import redaction
from deploy.local.demo.networks import TEXT_ALONE
from platforms.adapter import Call
from platforms.checkpoint import Checkpoint, forget
from platforms.drafts import Credentials, Draft
from platforms.errors import PlatformError
from platforms.http.client import Client
from platforms.http.redaction import MASK, PART_CHARS
from platforms.http.transport import Response, Transport
from platforms.login_forms import FormLogin
from platforms.oauth import App, OAuth, Tokens
from platforms.registry import ADAPTERS
from tests.conftest import Simulator
from tests.platforms.driver import media, video
from tests.platforms.facts import all_facts
from tests.platforms.meta.containers import bench, photo
from tests.platforms.samples import JPEG
from tests.platforms.x.account import connect

#: As long as real ones, but of no recognisable shape.
TOKEN = "AQ" + "".join(f"{number * 7919 % 9973:x}-_" for number in range(18))
SECRET = "Zx" + "".join(f"{number * 6007 % 9949:x}.~" for number in range(12))
EXTRA = {"user_token": TOKEN[::-1], "proof": SECRET[::-1]}
ACCOUNT = Credentials("17841400000000001", "acme", TOKEN, SECRET, extra=EXTRA)
SECRETS = (TOKEN, SECRET, *EXTRA.values())
OWN = {"did": "did:plc:" + "a" * 24, "dpop_key": SECRET[::-1]}
APP = App("app-1", SECRET, server="https://a.example", extra=OWN)


#: How networks refuse: the words that they quote → body.
SHAPES: list[Callable[[str], Any]] = [
    *(shape for facts in all_facts().values() for shape in facts.refusals),
    lambda words: {"error": "invalid_client", "error_description": words},
    lambda words: {"error": words, "error_description": words},
    lambda words: f"<html><body>{words}</body></html>",
]
FORMS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "quoted": lambda secret: quote(secret, safe=""),
    # Its padding is no part of a secret.
    "base64": lambda secret: base64.b64encode(secret.encode()).decode().rstrip("="),
}


class Refusing(Transport):
    """Gives every request the same answer, without a network."""

    answer = Response(400, {}, b"", "utf-8")

    def says(self, status: int, body: Any) -> None:
        text = body if isinstance(body, str) else json.dumps(body)
        self.answer = Response(status, {"x-li-uuid": "1"}, text.encode(), "utf-8")

    async def send(self, method: str, url: str, **_: Any) -> Response:
        return self.answer


Work = Callable[[Client, Checkpoint], Awaitable[object]]


@dataclass
class Caller:
    """One use of a network: the `explain` of its refusals, and the calls that are made."""

    explain: Any
    work: Work
    secrets: tuple[str, ...] = field(default=ACCOUNT.secrets())


def publishing(key: str, draft: Draft, login: str = "") -> Caller:
    adapter = ADAPTERS[key]
    account = Credentials("17841400000000001", "acme", TOKEN, SECRET, EXTRA, login)

    async def work(http: Client, checkpoint: Checkpoint) -> object:
        return await adapter.publish(Call(draft, account, http, checkpoint))

    return Caller(adapter.explain, work)


def looking(key: str) -> Caller:
    adapter = ADAPTERS[key]

    async def work(http: Client, checkpoint: Checkpoint) -> object:
        checkpoint.update(container="1", post="1", posts=[], rkeys=["3l6oveex3ii2l"])
        checkpoint["signed"] = {"events": [{"id": "e" * 64, "pubkey": "p" * 64}]}
        checkpoint["sent_at"] = datetime.now(UTC).isoformat()
        return await adapter.find(Call(Draft("Hi"), ACCOUNT, http, checkpoint), datetime.now(UTC))

    return Caller(adapter.explain, work)


def logging_in(oauth: OAuth, step: str) -> Caller:
    async def work(http: Client, checkpoint: Checkpoint) -> object:
        if step == "exchange":
            return await oauth.exchange(APP, TOKEN, "https://a.example", SECRET, http)
        if step == "profiles":
            http.hide(TOKEN, SECRET)
            return await oauth.profiles(APP, Tokens(TOKEN, SECRET, extra=OWN), http)
        return await oauth.refresh(APP, ACCOUNT, http)

    # A code, its verifier and the app's secret are hidden by the login itself.
    known = () if step == "exchange" else (*ACCOUNT.secrets(), APP.client_secret)
    return Caller(oauth.explain, work, known)


def filling_in(login: FormLogin, step: str) -> Caller:
    # What is not formed like a secret of the network is refused before it is asked.
    answers = {each.name: each.example for each in login.fields}

    async def work(http: Client, checkpoint: Checkpoint) -> object:
        if step == "sign in":
            return await login.sign_in(answers, http)
        return await login.refresh(APP, ACCOUNT, http)

    known = login.secrets(answers) if step == "sign in" else ACCOUNT.secrets()
    # No token has been seen yet.
    return Caller(login.explain, work, (*known, *SECRETS))


VIDEO = media(video(), kind="video", duration_seconds=5.0)
PICTURE = Draft("Hi", (JPEG,))
#: By the kind of file.
FILES = {"image": ("picture", PICTURE), "video": ("video", Draft("Hi", (VIDEO,)))}


def drafts(key: str) -> dict[str, Draft]:
    """What a network takes, by name: its usual kind, whose name is empty, and other files."""
    limits = ADAPTERS[key].limits
    files = {kind: each for kind, each in FILES.items() if kind in limits.kinds}
    usual = Draft("Hi") if key in TEXT_ALONE else files.pop(limits.prefers)[1]
    return {"": usual, **dict(files.values())}


CALLERS = {
    **{
        f"{key} {name}".strip(): publishing(key, draft)
        for key in ADAPTERS
        for name, draft in drafts(key).items()
    },
    "instagram by facebook": publishing("instagram", PICTURE, "facebook"),
    "wordpress tags": publishing("wordpress", Draft("Hi", (JPEG,), {"tags": ["a"]})),
    **{f"{key} looks": looking(key) for key in ADAPTERS},
    **{
        f"{key} {name} {step}": logging_in(oauth, step)
        for key, adapter in ADAPTERS.items()
        for name, oauth in adapter.logins.items()
        if isinstance(oauth, OAuth)
        for step in ("exchange", "profiles", "refresh")
    },
    **{
        f"{key} {name} {step}": filling_in(login, step)
        for key, adapter in ADAPTERS.items()
        for name, login in adapter.logins.items()
        if isinstance(login, FormLogin)
        for step in ("sign in", "refresh")
    },
}
#: The first caller of each `explain`.
READERS = list({CALLERS[name].explain.__qualname__: name for name in reversed(CALLERS)}.values())


def errors(caller: Caller, answers: Iterable[tuple[int, Any]]) -> list[PlatformError]:
    """The error that each of these answers becomes."""

    async def run() -> list[PlatformError]:
        transport, checkpoint, found = Refusing(), Checkpoint({}, forget), []
        # Preparing to redact takes longer than all that is asked of it here.
        http = Client(
            transport, explain=caller.explain, checkpoint=checkpoint, secrets=caller.secrets
        )
        for status, body in answers:
            transport.says(status, body)
            checkpoint.clear()
            try:
                await caller.work(http, checkpoint)
            except PlatformError as error:
                found.append(http.redacted(error))
        return found

    return asyncio.run(run())


def shown(error: PlatformError) -> str:
    """Everything of an error that customers, operators and logs see."""
    line = {"event": "publish_failed", "failure": error.message, "body": error.body}
    told = [error.message, error.body, error.platform_code, error.request_id, repr(error)]
    return "\n".join([*told, "".join(traceback.format_exception(error))]) + json.dumps(
        redaction.value({**line, "code": error.platform_code, "exception": repr(error)})
    )


def parts(form: Callable[[str], str]) -> set[str]:
    return {
        written[at : at + PART_CHARS]
        for written in map(form, SECRETS)
        for at in range(len(written) - PART_CHARS + 1)
    }


PARTS = set().union(*(parts(form) for form in FORMS.values()))


def leaked(text: str) -> set[str]:
    return {text[at : at + PART_CHARS] for at in range(len(text))} & PARTS


def test_every_adapter_and_every_login_has_its_callers():
    assert {name.split()[0] for name in CALLERS} == set(ADAPTERS)
    told = {f"{key} {name}" for key, adapter in ADAPTERS.items() for name in adapter.logins}
    assert told <= {name.rpartition(" ")[0] for name in CALLERS}


@pytest.mark.parametrize("name", READERS)
def test_a_quoted_secret_is_not_shown_at_any_length(name: str):
    # The network's own cut; and ours, at 300 characters, within the whole token.
    answers = [
        (400, SHAPES[length % len(SHAPES)](words))
        for length in range(len(TOKEN) + 1)
        for words in (TOKEN[:length], "." * (300 - length) + TOKEN + "." * length)
    ]
    texts = [shown(error) for error in errors(CALLERS[name], answers)]
    assert any(MASK in text for text in texts)
    assert set().union(*map(leaked, texts)) == set()


@st.composite
def refusals(draw: st.DrawFn) -> tuple[int, Any]:
    """A status, and a body that quotes some of a secret."""
    written = FORMS[draw(st.sampled_from(sorted(FORMS)))](draw(st.sampled_from(SECRETS[:2])))
    cut = sorted(draw(st.tuples(st.integers(0, 250), st.integers(0, 250))))
    # Messages are cut at 300 characters, bodies at 2000.
    before = draw(st.sampled_from([0, 120, 1820])) + draw(st.integers(0, 200))
    words = "." * before + written[cut[0] : cut[1] + 1]
    status = draw(st.sampled_from([200, 400, 401, 403, 404, 409, 422, 429, 500, 503]))
    return status, draw(st.sampled_from(SHAPES))(words)


@pytest.mark.parametrize("name", CALLERS)
@settings(max_examples=3, deadline=None)
@given(answers=st.lists(refusals(), min_size=10, max_size=10))
def test_no_refusal_shows_a_secret(name: str, answers: list[tuple[int, Any]]):
    texts = map(shown, errors(CALLERS[name], answers))
    assert set().union(*map(leaked, texts), set()) == set()


def test_the_message_about_a_file_that_x_could_not_process_is_redacted(simulator: Simulator):
    drive = connect(simulator)
    token = drive.account.token
    for length in range(PART_CHARS, len(token)):
        said = {"name": "InvalidMedia", "message": f"Refused {token[:length]}"}
        work = {"state": "failed", "error": said}
        body = json.dumps({"data": {"id": "5", "processing_info": work}})
        simulator.fault("x", call="finalize", status=200, body=body, times=1)
        error = drive.fails(Draft("Hi", (VIDEO,)))
        assert error.message == "X cannot use the file: Refused [redacted]"
        assert token[:PART_CHARS] not in shown(error)


def test_the_message_about_a_failed_container_is_redacted(simulator: Simulator):
    b = bench(simulator, ADAPTERS["instagram"])
    token = b.account.token
    body = json.dumps({"id": "1", "status_code": "ERROR", "status": f"Error {token[:20]}"})
    b.fault(call="read", status=200, body=body, times=1)
    error = b.fails(Draft("Hi", (photo(),)))
    assert error.body == "Error [redacted]"
