"""Everything that reads: the envelope of its success, and queries of any value."""

import pytest

from tests.posts.api.endpoints import ENDPOINTS, MOUNTS
from tests.posts.api.walk.judged import differing, every, judged
from tests.posts.conftest import refused

both_mounts = pytest.mark.parametrize("mount", MOUNTS)
READS = [endpoint for endpoint in ENDPOINTS if not endpoint.is_write]
#: Lists that tell of their page beside `data`, which stays bare at the reference mount.
PAGED = {
    "/api/v1": ("/posts", "/posts/<post_id>/events"),
    "/compat/api/v1": ("/posts", "/posts/<post_id>/events", "/media"),
}
NO_TEXT = ("%00", "%ff", "%ED%A0%80")
VALUES = (*NO_TEXT, "9" * 99, "1e9", "-1", "true", "%D9%A3", "a" * 999)


@both_mounts
def test_success_envelope_is_exactly_data_and_meta(ada, ids, mount):
    """And at the other mount an error that is null: as for every judged answer."""
    caller = judged(ada, mount)

    def ask(endpoint):
        answer = caller.get(endpoint.url(ids))
        assert answer.status_code == 200
        if endpoint.path == "/posts/export":  # a file
            assert answer["Content-Type"].startswith("text/csv")
            return
        more = {"pagination"} if endpoint.path in PAGED[mount] else set()
        assert set(answer.json()["meta"]) == {"request_id", "timestamp"} | more

    every(READS, ask)


@both_mounts
def test_a_query_of_any_other_value_breaks_nothing(ada, ids, mount):
    """In a search, which is any text, a wrong byte finds nothing."""
    caller = judged(ada, mount)

    def ask(endpoint):
        for name in endpoint.query_names():
            for value in VALUES:
                answer = caller.get(f"{endpoint.url(ids)}?{name}={value}")
                list(answer)  # a file is written while it is read
                if value in NO_TEXT and name != "search":
                    refused(answer, 400, "validation_error")

    every(differing(READS, mount), ask)
