"""Refresh tokens at several web processes at once: answers are lost, and a process is killed.

A grant always has one pair of tokens that can be used next, and a second use ends it.
"""

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from urllib.parse import urlencode, urlsplit

import httpx
import pytest

from tests.acceptance.stack import Stack

pytestmark = pytest.mark.thorough

#: A web process beside the stack's own; the last test kills it.
OTHER = "other web"
#: One for each of the first two tests; the others are killed with.
GRANTS = 8
MAKE_GRANTS = """
import secrets, sys, django
django.setup()
from django.contrib.auth.models import User
from destinations.runtime import clock
from posts.keys import keys
from posts.keys.oauth import secret_values, tokens
from posts.models import ApiKey, OAuthClient, Workspace
from tests.posts.keys.oauth.program import make_grant
operator, _ = User.objects.get_or_create(username="rota", is_staff=True, is_superuser=True)
for number in range(int(sys.argv[1])):
    workspace = Workspace.objects.order_by("created_at").last()
    key, _ = keys.create(workspace, f"Agent {number}", [ApiKey.Scope.READ])
    grant = make_grant(workspace, key)
    OAuthClient.objects.filter(pk=grant.client_id).update(method="none", secret_hash="")
    grant.operator = operator
    grant.save()
    pair = secret_values.new_pair()
    tokens.issue(grant, pair, clock.now())
    print(grant.pk, grant.client_id, pair.refresh)
"""
NEXT = """
SELECT count(*) FROM posts_oauthtokens WHERE grant_id = %s::uuid AND used_at IS NULL
"""
ENDED = "SELECT ended_because FROM posts_oauthgrant WHERE id = %s::uuid"


class Agent:
    """A program with a grant, and the refresh token that it knows to be next."""

    def __init__(self, stack: Stack, grant: str, client_id: str, token: str) -> None:
        self.stack, self.grant, self.client_id, self.token = stack, grant, client_id, token

    def refresh(self, url: str, token: str = "") -> httpx.Response:
        return httpx.post(f"{url}/oauth/token", data=self._form(token), timeout=30, trust_env=False)

    def lose(self, url: str) -> None:
        """Refresh, and hang up when the answer begins to arrive."""
        body = urlencode(self._form()).encode()
        head = (
            "POST /oauth/token HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        place = urlsplit(url)
        assert place.hostname
        assert place.port
        with socket.create_connection((place.hostname, place.port), timeout=30) as connection:
            connection.sendall(head.encode() + body)
            assert connection.recv(1)

    def _form(self, token: str = "") -> dict[str, str]:
        return {
            "grant_type": "refresh_token",
            "refresh_token": token or self.token,
            "client_id": self.client_id,
        }

    def is_let_in(self, access: str) -> bool:
        answer = self.stack.client(f"{self.stack.url}/api/v1/", access).get("me")
        assert answer.status_code in (200, 401)
        return answer.is_success

    def next_tokens(self) -> int:
        """How many pairs of the grant could be used next."""
        return int(self.stack.rows(NEXT, self.grant)[0][0])


@pytest.fixture(scope="module")
def other(running_stack: Stack) -> Iterator[str]:
    """The address of a second web process."""
    yield running_stack.start_web(OTHER)
    if running_stack.is_running(OTHER):
        running_stack.stop(OTHER)


@pytest.fixture(scope="module")
def known(running_stack: Stack) -> list[Agent]:
    running_stack.team(x=1)
    made = running_stack.command("-c", MAKE_GRANTS, str(GRANTS))
    assert made.returncode == 0, made.stderr
    return [Agent(running_stack, *line.split()) for line in made.stdout.splitlines()[-GRANTS:]]


@pytest.fixture
def agents(stack: Stack, known: list[Agent]) -> list[Agent]:
    # So that no test counts towards another one's limits.
    stack.broker.flushdb()
    return known


def only(answers: list[httpx.Response]) -> dict[str, str]:
    """The tokens that all of these answers agree upon."""
    assert {each.status_code for each in answers} == {200}, [each.text for each in answers]
    (pair,) = {(each.json()["access_token"], each.json()["refresh_token"]) for each in answers}
    return {"access": pair[0], "refresh": pair[1]}


def test_processes_that_refresh_at_once_and_lose_answers_agree_on_one_pair(
    stack: Stack, other: str, agents: list[Agent]
):
    agent = agents[0]
    with ThreadPoolExecutor(6) as clients:
        for _ in range(2):
            lost = [clients.submit(agent.lose, url) for url in (stack.url, other)]
            asked = [clients.submit(agent.refresh, url) for url in (other, stack.url)]
            for each in lost:
                each.result()
            found = only([each.result() for each in asked])
            agent.token = found["refresh"]

    assert agent.next_tokens() == 1
    assert agent.is_let_in(found["access"])


def test_a_lost_answer_is_given_again_by_another_process(
    stack: Stack, other: str, agents: list[Agent]
):
    agent = agents[1]
    agent.lose(other)

    found = only([agent.refresh(stack.url), agent.refresh(other)])

    assert agent.next_tokens() == 1
    assert agent.is_let_in(found["access"])


def test_a_process_that_is_killed_while_it_refreshes_leaves_one_pair_and_no_second_use(
    stack: Stack, other: str, agents: list[Agent]
):
    agents = agents[2:]
    first = [agent.token for agent in agents]
    go = threading.Barrier(len(agents) + 1)

    def ask(agent: Agent) -> None:
        go.wait()
        with suppress(httpx.TransportError):
            agent.refresh(other)

    with ThreadPoolExecutor(len(agents)) as clients:
        asking = [clients.submit(ask, agent) for agent in agents]
        go.wait()
        time.sleep(0.03)
        stack.kill(OTHER)
        for each in asking:
            each.result()

    for agent, old in zip(agents, first, strict=True):
        found = only([agent.refresh(stack.url)])
        assert agent.next_tokens() == 1
        assert agent.is_let_in(found["access"])
        newest = only([agent.refresh(stack.url, found["refresh"])])
        assert_a_second_use_ends(stack, agent, old, newest)


def assert_a_second_use_ends(stack: Stack, agent: Agent, old: str, newest: dict[str, str]) -> None:
    assert agent.refresh(stack.url, old).json()["error"] == "invalid_grant"
    assert stack.rows(ENDED, agent.grant) == [("a refresh token was used twice",)]
    # A process remembers a key for a second.
    stack.wait("it is shut out", lambda: not agent.is_let_in(newest["access"]))
    assert agent.refresh(stack.url, newest["refresh"]).json()["error"] == "invalid_grant"
