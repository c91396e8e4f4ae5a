"""The gateway itself: what it keeps on its way, and what it loses."""

import random
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any, get_args

import httpx
import pytest

from tests.acceptance.stack import NO_TLS
from tests.http_server import serving
from tests.real import gateway
from tests.real.gateway import Cut, Gateway
from tests.until import until

POSTING = re.compile(r"^POST /[^/]+/posts$")


class Posts(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201)
        self.end_headers()


@pytest.fixture
def way() -> Iterator[Gateway]:
    with serving(Posts) as url, gateway.running(lambda _, path: (url, path, {})) as running:
        yield running


def post(way: Gateway, path: str = "posts") -> Any:
    url = f"{way.url}/loft.example/{path}"
    return httpx.post(url, content=b"Coo", trust_env=False, verify=NO_TLS, timeout=30)


def test_a_held_call_reaches_the_server_when_the_block_ends(way: Gateway) -> None:
    with way.holding(POSTING) as is_here:
        calling = threading.Thread(target=post, args=[way])
        calling.start()
        assert is_here.wait(30)
        assert post(way, "files").status_code == 201
        assert way.carried == ["POST /loft.example/files"]
    calling.join()
    until(lambda: "POST /loft.example/posts" in way.carried)


def test_a_third_of_the_calls_is_lost_in_each_way_and_no_other(way: Gateway) -> None:
    way.lose_by_chance(POSTING, random.Random(1))
    ends = []
    for _ in range(60):
        try:
            ends.append(post(way).status_code)
        except httpx.TransportError:
            ends.append(0)
        assert post(way, "files").status_code == 201
    assert way.lost.keys() == set(get_args(Cut))
    assert 10 < way.lost.total() < 30
    assert len(way.carried) == 2 * len(ends) - way.lost["before"]
    way.lose_nothing()
    assert post(way).status_code == 201
