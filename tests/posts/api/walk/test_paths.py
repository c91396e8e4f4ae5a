"""Paths that are no operation's: with a slash at the end, and with ids that cannot be."""

import re

import pytest

from tests.posts.api.endpoints import ENDPOINTS, MOUNTS, about
from tests.posts.api.walk import stored
from tests.posts.api.walk.judged import differing, every, judged
from tests.posts.conftest import refused

both_mounts = pytest.mark.parametrize("mount", MOUNTS)
IMPOSSIBLE = (
    *("%00", "%ff", "x%20y", "..%2f..", "9" * 400, "%F0%9F%98%80", "%D9%A3", "-1"),
    *("0", "1.0", "x", "9" * 19),
)


@both_mounts
def test_a_slash_at_the_end_is_not_found_and_redirects_nothing(ada, ids, mount):
    caller, before = judged(ada, mount), stored.digest()

    def ask(endpoint):
        answer = caller.call(endpoint.method, f"{endpoint.url(ids)}/", about(endpoint.body(), ids))
        refused(answer, 404, "not_found")
        assert "Location" not in answer.headers
        assert stored.digest() == before

    every(ENDPOINTS, ask)


@both_mounts
def test_no_endpoint_finds_an_id_that_cannot_be(ada, ids, mount):
    caller = judged(ada, mount)

    def ask(endpoint):
        for name in re.findall(r"<(\w+)>", endpoint.path):
            for value in IMPOSSIBLE:
                answer = caller.call(endpoint.method, endpoint.url({**ids, name: value}))
                refused(answer, 404, "not_found")

    every(differing(ENDPOINTS, mount), ask)
