"""GET /posts/{id} and GET /posts/{id}/results, row by row; their fields: test_fields."""

from datetime import UTC, datetime

import pytest

from tests.destinations.run_command import work
from tests.factories import make_account, make_post
from tests.posts.api.cases import cases
from tests.posts.api.contract.conftest import connected
from tests.posts.conftest import refused

SOON = datetime(2099, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def post(ada):
    accounts = [make_account(ada.workspace, key) for key in ("x", "linkedin")]
    return make_post(ada.workspace, accounts, scheduled_for=SOON)


def test_detail_is_found_by_either_form_of_the_id(ada, post):
    assert ada.get(f"/posts/{post.pk}").json()["data"]["id"] == post.public_id


@cases("path", ["", "/results"])
@cases("name", ["post_zz", "post_", "dest_1", "post_A", "1", "%00", "post_" + "z" * 5000, "%F0%9F"])
def test_detail_and_results_are_404_if_unknown(ada, post, name, path):
    refused(ada.get(f"/posts/{name}{path}"), 404, "not_found")


def test_results_are_a_bare_array_in_the_order_of_account_ids(ada):
    accounts = [make_account(ada.workspace, key) for key in ("threads", "x", "linkedin")]
    wanted = [account.pk for account in accounts]
    post = ada.post("/posts", {"content": "Hi", "account_ids": wanted}).json()["data"]

    data = ada.get(f"/posts/{post['post_id']}/results").json()["data"]

    assert type(data) is list
    assert [row["account_id"] for row in data] == wanted


def test_results_are_polled_until_each_destination_has_ended(ada, simulator):
    accounts = [connected(ada, simulator, number) for number in ("77", "78")]
    body = {"content": "Hi", "account_ids": [account.pk for account in accounts]}
    post = ada.post("/posts", body).json()["data"]

    def polled() -> list[str]:
        return [
            row["status"] for row in ada.get(f"/posts/{post['post_id']}/results").json()["data"]
        ]

    assert polled() == ["queued", "queued"]
    work()
    assert polled() == ["published", "published"]
