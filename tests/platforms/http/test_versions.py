"""The versions of the networks' APIs that we call, and when they end."""

import re
from dataclasses import replace
from datetime import date

import pytest

from platforms.errors import PlatformError
from platforms.facebook.oauth import FacebookOAuth
from platforms.instagram.oauth import FacebookLogin, InstagramLogin
from platforms.oauth import App, ConsentRequest, OAuth
from platforms.outcomes import Published
from platforms.registry import VERSIONS
from platforms.threads.oauth import ThreadsLogin
from tests.conftest import Simulator
from tests.platforms.connecting import BACK, Connecting
from tests.platforms.test_contract import CASES

OLDER = {"graph": "v25.0", "linkedin": "202610"}
VERSION = re.compile(r"/(v\d+\.\d+)(?=/)")
GRAPH = [name for name in CASES if name.split()[0] in ("facebook", "instagram")]
PERSON = "17841400000000077"


@pytest.mark.parametrize("name", GRAPH)
def test_every_call_of_a_publish_uses_the_configured_version(simulator: Simulator, name: str):
    drive = replace(CASES[name].connect(simulator), versions=OLDER)
    assert isinstance(drive.finish(CASES[name].draft), Published)
    # Facebook gives the URLs of uploads itself.
    called = [VERSION.findall(request) for request in drive.requests if "rupload" not in request]
    assert called == [["v25.0"]] * len(called)


def test_linkedin_is_called_with_the_configured_version(simulator: Simulator):
    simulator.set("linkedin", "retired_versions", [VERSIONS["linkedin"].default])
    case = CASES["linkedin page"]
    with pytest.raises(PlatformError) as caught:
        case.connect(simulator).finish(case.draft)
    assert caught.value.code == "version_retired"
    drive = replace(case.connect(simulator), versions=OLDER)
    assert isinstance(drive.finish(case.draft), Published)


def test_threads_is_called_with_the_configured_version(simulator: Simulator):
    case = CASES["threads"]
    drive = replace(case.connect(simulator), versions={"threads": "v9.0"})
    with pytest.raises(PlatformError, match=r"Unknown path components: /v9\.0"):
        drive.finish(case.draft)


@pytest.mark.parametrize("login", [FacebookOAuth(), FacebookLogin()])
def test_facebooks_consent_page_is_opened_with_the_configured_version(login: OAuth):
    address = login.authorize_url(
        App("id", "secret", OLDER), ConsentRequest(BACK, "state", "verifier")
    )
    assert address.startswith("https://www.facebook.com/v25.0/dialog/oauth?")


@pytest.mark.parametrize(
    ("network", "login"), [("instagram", InstagramLogin()), ("threads", ThreadsLogin())]
)
def test_a_login_reads_profiles_with_the_configured_version(
    simulator: Simulator, network: str, login: OAuth
):
    simulator.connect(network, PERSON, username="acme")
    app = App(*simulator.app(network, BACK), OLDER)
    connecting = Connecting(simulator, login, app, PERSON)
    assert connecting.profiles(connecting.tokens())
    unknown = replace(connecting, app=replace(app, versions=dict.fromkeys(VERSIONS, "v9.0")))
    with pytest.raises(PlatformError, match=r"Unknown path components: /v9\.0"):
        unknown.profiles(connecting.tokens())


@pytest.mark.parametrize(
    ("api", "version", "end"),
    [
        ("graph", "v26.0", date(2028, 11, 4)),
        ("graph", "v99.0", None),
        ("linkedin", "202608", date(2027, 8, 1)),
        ("linkedin", "202612", date(2027, 12, 1)),
        ("threads", "v1.0", None),
    ],
)
def test_the_end_of_a_version_is_known_if_it_was_announced(
    api: str, version: str, end: date | None
):
    assert VERSIONS[api].ends_on(version) == end


@pytest.mark.parametrize(
    ("api", "example", "words"),
    [
        ("graph", r"v26\.0", ("26.0", "v26", "v26.0/me", "", "202608")),
        ("linkedin", "202608", ("202613", "2026-08", "v26.0", "")),
    ],
)
def test_an_invalid_version_is_refused(api: str, example: str, words: tuple[str, ...]):
    for word in words:
        with pytest.raises(ValueError, match=example):
            VERSIONS[api].check(word)
