"""Short links while web stops, is frozen and starts again: clicks and targets."""

import signal
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import httpx
import pytest

from tests.acceptance.stack import NO_TLS, Stack

pytestmark = pytest.mark.thorough

NAME = "clicked"
LINKS = 4
#: Between two clicks on a link: enough that some are always under way.
CLICK_SECONDS = 0.01
BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
CODES = """
SELECT code, url FROM posts_shortlink WHERE url LIKE 'https://shop.example.com/%%'
"""
CLICKS = """
SELECT link_id, sum(clicks)::int, sum(bots)::int FROM posts_linkclicks GROUP BY link_id
"""


@dataclass
class Clicking:
    """People who follow links of a web process, over and over, until they are told to stop."""

    url: str
    #: Code → where it leads.
    targets: dict[str, str]
    followed: Counter[str] = field(default_factory=Counter)
    #: Requests without a readable answer: counted or not.
    unanswered: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)

    def one(self, code: str) -> None:
        with httpx.Client(trust_env=False, timeout=10, verify=NO_TLS) as http:
            while not self.is_over.wait(CLICK_SECONDS):
                try:
                    answer = http.get(f"{self.url}/l/{code}", headers=BROWSER)
                except httpx.ConnectError:
                    continue
                except httpx.TransportError:
                    self.unanswered[code] += 1
                else:
                    self.followed[code] += 1
                    if answer.headers.get("Location") != self.targets[code]:
                        self.wrong.append(f"{code}: {answer.status_code} {answer.headers}")


@pytest.fixture
def targets(stack: Stack) -> dict[str, str]:
    """Codes, each with the address that it stands for."""
    team = stack.team(x=1)
    before = dict(stack.rows(CODES))
    for number in range(LINKS):
        address = f"https://shop.example.com/{number}"
        team.post(f"Look: {address}", draft=True, shorten_links=True)
    return {code: url for code, url in stack.rows(CODES) if code not in before}


@pytest.fixture
def web(stack: Stack) -> Iterator[str]:
    """The address of a web process of this test's own."""
    yield stack.start_web(NAME)
    if stack.is_running(NAME):
        stack.stop(NAME)


def test_each_click_counts_once_although_the_process_that_writes_them_stops(
    stack: Stack, targets: dict[str, str], web: str
):
    people = Clicking(web, targets)
    with ThreadPoolExecutor(LINKS) as clients:
        clicking = [clients.submit(people.one, code) for code in targets]
        for _ in range(2):
            before = people.followed.total()
            stack.wait("they click", lambda n=before: people.followed.total() > n + 50)
            stack.signal(NAME, signal.SIGSTOP)
            stack.wait("it is frozen", lambda: stack.is_frozen(NAME))
            stack.signal(NAME, signal.SIGCONT)
            stack.stop(NAME)
            stack.start_web(NAME, {"WEB_PORT": web.rpartition(":")[2]})
        people.is_over.set()
        for each in clicking:
            each.result()
    stack.stop(NAME)

    assert not people.wrong
    found = {code: (clicks, bots) for code, clicks, bots in stack.rows(CLICKS) if code in targets}
    for code in targets:
        clicks, bots = found[code]
        assert bots == 0
        assert 0 <= clicks - people.followed[code] <= people.unanswered[code]


def test_a_code_stays_with_its_address_while_posts_change_at_once(stack: Stack):
    team = stack.team(x=2)
    first, second = team.accounts
    post = team.post("Look: https://shop.example.com/a", draft=True, shorten_links=True)
    known: dict[str, str] = {}

    def change(number: int) -> None:
        body = {
            "content": f"Look: https://shop.example.com/{number} https://shop.example.com/a",
            "account_ids": [first, second] if number % 2 else [second],
        }
        assert team.http.patch(f"posts/{post}", json=body).status_code in (200, 409)

    with ThreadPoolExecutor(4) as customers:
        for _ in customers.map(change, range(20)):
            for code, url in stack.rows(CODES):
                assert known.setdefault(code, url) == url
    team.http.delete(f"posts/{post}").raise_for_status()

    assert known
    for code, url in known.items():
        answer = httpx.get(f"{stack.url}/l/{code}", headers=BROWSER, trust_env=False)
        assert (answer.status_code, answer.headers["Location"]) == (302, url)
