"""Connecting a Threads profile, against the simulator's consent page."""

import pytest

from platforms.oauth import missing_scopes
from platforms.threads.oauth import ThreadsLogin
from tests.conftest import Simulator
from tests.platforms.connecting import Connecting, LongLivedPromises, connecting


@pytest.fixture
def c(simulator: Simulator) -> Connecting:
    return connecting(simulator, "threads", "threads")


class TestPromises(LongLivedPromises):
    pass


def test_what_is_about_replies_is_asked_for_and_may_be_denied(c: Connecting):
    asked = "threads_manage_replies", "threads_read_replies"
    assert {*asked} <= {*c.tokens().scopes}
    basic = c.tokens(*ThreadsLogin.scopes)
    assert (missing_scopes(c.login, basic.scopes), {*asked} & {*basic.scopes}) == ((), set())


def test_an_app_has_a_token_of_its_own(c: Connecting):
    query = {"grant_type": "client_credentials", "client_id": c.app.client_id}
    url = "/graph.threads.net/oauth/access_token"
    answer = c.simulator.http.get(url, params={**query, "client_secret": c.app.client_secret})
    token = answer.json()["access_token"]
    assert token.startswith(f"TH|{c.app.client_id}|")
    inspected = c.simulator.http.get(
        "/graph.threads.net/v1.0/debug_token",
        params={"input_token": c.tokens().access, "access_token": token},
    ).json()["data"]
    assert (inspected["is_valid"], inspected["user_id"]) == (True, c.account)
    wrong = c.simulator.http.get(url, params={**query, "client_secret": "wrong"})
    assert wrong.status_code == 400
