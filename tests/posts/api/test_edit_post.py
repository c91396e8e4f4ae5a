import uuid
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from destinations.models import Destination
from tests.factories import make_account, make_post
from tests.posts.api.cases import cases
from tests.posts.api.contract.conftest import stored
from tests.posts.conftest import (
    Caller,
    make_caller,
    make_workspace,
    once_destinations_are_locked,
    refused,
)

SOON = datetime(2099, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def post(ada, x):
    return make_post(ada.workspace, [x], scheduled_for=SOON)


@cases("fields", [{"claim": uuid.uuid4()}, {"status": "publishing"}])
def test_a_destination_that_a_worker_has_claimed_wins(ada, post, fields):
    Destination.objects.update(**fields)
    before = stored()

    refused(ada.patch(f"/posts/{post.public_id}", {"content": "New"}), 409, "conflict")
    refused(ada.delete(f"/posts/{post.public_id}"), 409, "conflict")

    assert stored() == before


@pytest.mark.django_db(transaction=True)
def test_the_holder_of_the_lock_wins_and_none_waits(settings):
    ada = make_caller(make_workspace(), "Ada")
    late = timezone.now() - timedelta(minutes=1)
    post = make_post(ada.workspace, [make_account(ada.workspace)], scheduled_for=late)
    known = connection.get_connection_params()
    known = {key: known[key] for key in ("dbname", "user", "host", "port") if known.get(key)}
    before = stored()

    with psycopg.connect(**known) as worker:
        worker.execute("SELECT 1 FROM destinations_destination FOR UPDATE")
        refused(ada.patch(f"/posts/{post.public_id}", {"content": "New"}), 409, "conflict")
        refused(ada.delete(f"/posts/{post.public_id}"), 409, "conflict")

    assert stored() == before
    assert ada.patch(f"/posts/{post.public_id}", {"content": "New"}).status_code == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "", {"content": "New"}),
        ("PATCH", "", {"account_ids": []}),
        ("POST", "/schedule", {"publish_now": True, "account_ids": [0]}),
        ("DELETE", "", None),
    ],
)
def test_of_two_edits_at_once_none_undoes_what_the_other_was_told_is_done(
    ada, x, method, path, body
):
    known = ada.post("/posts", {"content": "Hi", "draft": True}).json()["data"]["post_id"]
    if path:
        body = {**body, "account_ids": [make_account(ada.workspace).pk]}

    def add():
        other = Caller(ada.workspace, ada.key, ada.secret)
        return other.patch(f"/posts/{known}", {"account_ids": [x.pk]}), stored()

    with once_destinations_are_locked(add) as answers:
        error = refused(ada.call(method, f"/posts/{known}{path}", body), 409, "conflict")

    assert error["message"] == "The post is being changed or published right now."
    [(answer, after)] = answers
    assert (answer.status_code, stored()) == (200, after)
    assert Destination.objects.get().account == x
    assert ada.call(method, f"/posts/{known}{path}", body).status_code == 200
