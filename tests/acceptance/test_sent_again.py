"""A program that does not know whether its request arrived sends it again. There is one post."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from tests.acceptance.stack import Stack


@pytest.mark.parametrize("seconds_ahead", [0, 3])
def test_the_same_request_three_times_at_once_publishes_once(stack: Stack, seconds_ahead: int):
    team = stack.team(x=1, linkedin=1)
    body = {"content": "Sent again", "account_ids": list(team.accounts)}
    if seconds_ahead:
        at = datetime.now(UTC) + timedelta(seconds=seconds_ahead)
        body["scheduled_at"] = at.isoformat()
    headers = {"Idempotency-Key": str(uuid.uuid4())}

    def send(_: int) -> dict:
        def answered() -> dict | None:
            answer = team.http.post("posts", json=body, headers=headers)
            assert answer.status_code in (201, 409), answer.text
            return answer.json()["data"]

        return stack.wait("the request is answered", answered)

    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(send, range(3)))

    (post,) = {answer["post_id"] for answer in answers}
    results = team.published(post)
    stack.ticks(2)
    team.assert_each_once(results)
    assert len(results) == 2
    assert [each["id"] for each in team.http.get("posts").json()["data"]] == [post]
