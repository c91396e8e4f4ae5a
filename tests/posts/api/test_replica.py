"""Lists are read from a standby of the database; what must be fresh is not."""

import re
from contextlib import contextmanager, suppress

import pytest
from django.db import InternalError, connections, transaction
from structlog.testing import capture_logs

from destinations import public_ids
from destinations.runtime.replica import lag, reading
from destinations.runtime.replica.reading import watch
from posts.api import urls
from posts.api.endpoints import options_of
from posts.models import Post
from tests.factories import make_post
from tests.posts.conftest import data_of
from tests.posts.world import make_world
from tests.standby import wait


def knows_all(caller):
    """Whether the standby is known to have what the caller has written."""
    return reading._has_all_of(f"workspace:{caller.workspace.pk}")


def contents(answer):
    assert answer.status_code == 200, answer.content
    return {post["content"] for post in answer.json()["data"]}


@contextmanager
def statements(connection):
    """What is sent over this connection meanwhile."""
    sent = []

    def note(execute, sql, parameters, many, context):
        sent.append(sql)
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(note):
        yield sent


def test_a_list_is_read_from_the_standby_and_one_object_from_the_primary(standby, ada):
    make_post(ada.workspace, [], content="Old")
    wait(lambda: knows_all(ada))
    with standby.standing_still():
        new = make_post(ada.workspace, [], content="New")

        assert contents(ada.get("/posts")) == {"Old"}
        assert ada.get("/analytics/summary").json()["data"]["posts"]["total"] == 1
        one = ada.get(f"/posts/{public_ids.encode(public_ids.POST, new.pk)}")
        assert one.json()["data"]["content"] == "New"


def test_a_customer_who_has_written_finds_it_in_the_next_list(standby, ada, bo, cy):
    wait(lambda: knows_all(cy))
    with standby.standing_still():
        data_of(ada.post("/posts", {"content": "Mine", "draft": True}), 201)

        assert contents(ada.get("/posts")) == contents(bo.get("/posts")) == {"Mine"}
        make_post(cy.workspace, [], content="By others")
        assert contents(cy.get("/posts")) == set()
    wait(lambda: knows_all(ada))
    assert contents(ada.get("/posts")) == {"Mine"}


def test_a_refused_request_has_written_nothing(standby, ada):
    assert ada.post("/posts", {"content": 7}).status_code == 400

    assert lag.last(f"workspace:{ada.workspace.pk}") is None


def test_a_standby_that_lags_too_far_is_left_until_it_has_caught_up(standby, ada, settings):
    wait(lambda: knows_all(ada))
    with standby.standing_still():
        make_post(ada.workspace, [], content="New")
        assert contents(ada.get("/posts")) == set()

        settings.DATABASE_REPLICA_MAX_LAG_SECONDS = 1

        wait(lambda: contents(ada.get("/posts")) == {"New"})
        assert not knows_all(ada)
    wait(lambda: knows_all(ada))


def test_the_primary_answers_when_the_standby_dies(standby, ada):
    wait(lambda: knows_all(ada))
    ada.get("/posts")
    make_post(ada.workspace, [], content="New")
    standby.stop()
    try:
        assert contents(ada.get("/posts")) == {"New"}
        wait(lambda: watch.coverage() is None)
        assert contents(ada.get("/posts")) == {"New"}
    finally:
        standby.copy()
        standby.start()
    wait(lambda: knows_all(ada))


def test_what_fails_on_the_standby_is_done_again_on_the_primary(standby, ada):
    wait(lambda: knows_all(ada))
    assert contents(ada.get("/posts")) == set()

    def write():
        # In a transaction, whose end clears Django's own mark of a failure.
        with suppress(InternalError), transaction.atomic():
            return make_post(ada.workspace, [], content="Once")

    with capture_logs() as logs:
        reading.read(f"workspace:{ada.workspace.pk}", write)

    assert [line["event"] for line in logs] == ["replica_failed"]
    assert [post.content for post in Post.objects.all()] == ["Once"]


def test_a_lock_whose_end_the_standby_does_not_get_costs_a_second(standby, ada):
    make_post(ada.workspace, [], content="Hi")
    wait(lambda: knows_all(ada))
    with transaction.atomic(), connections["default"].cursor() as cursor:
        # A lock reaches the standby with its transaction's number.
        cursor.execute("SELECT pg_current_xact_id()")
        cursor.execute("LOCK TABLE posts_post IN ACCESS EXCLUSIVE MODE")
        standby.catch_up()
        wait(standby.has_locks)
        standby.pause()

    with capture_logs() as logs:
        found = contents(ada.get("/posts"))
    standby.resume()

    assert found == {"Hi"}
    assert "replica_failed" in {entry["event"] for entry in logs}


def test_a_connection_that_the_standby_closed_is_replaced(standby, ada):
    wait(lambda: knows_all(ada))
    ada.get("/posts")
    pid = reading._own.connection.connection.info.backend_pid
    with standby.connect() as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

    with capture_logs() as logs:
        assert contents(ada.get("/posts")) == set()

    assert "replica_failed" not in {line["event"] for line in logs}
    assert reading._own.connection.connection.info.backend_pid != pid


def test_a_server_that_is_no_standby_is_never_read(standby, ada, settings):
    settings.DATABASE_REPLICA = {**connections["default"].settings_dict}
    with capture_logs() as logs:
        assert contents(ada.get("/posts")) == set()
        wait(lambda: [line for line in logs if line["event"] == "replica_away"])

    assert not knows_all(ada)
    [said] = [line for line in logs if line["event"] == "replica_away"]
    assert said["failure"] == "NoStandby"


def test_without_redis_nothing_is_read_from_the_standby(standby, ada, settings):
    wait(lambda: knows_all(ada))

    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    assert not knows_all(ada)


def lists():
    """Every address of a list that may lag."""
    for pattern in urls.urlpatterns:
        options = options_of(getattr(pattern, "callback", None), "GET")
        if options and options.may_lag:
            yield "/" + re.sub(r"<\w+:(\w+)>", r"{\1}", str(pattern.pattern))


def test_every_list_but_those_that_must_be_fresh_may_lag():
    assert set(lists()) == {
        "/analytics/summary",
        "/calendar-feeds",
        "/campaigns",
        "/feeds",
        "/feeds/{feed_id}/items",
        "/hashtag-sets",
        "/imports",
        "/posts",
        "/recurrences",
        "/webhooks",
        "/webhooks/{webhook_id}/deliveries",
    }


def test_a_list_reads_all_that_it_shows_from_the_standby(standby, ada, settings):
    ids = make_world(ada.workspace, settings)
    standby.catch_up()
    wait(lambda: knows_all(ada))
    ada.get("/posts")
    primary = connections["default"]
    for path in lists():
        with (
            capture_logs() as logs,
            statements(primary) as fresh,
            statements(reading._own.connection) as lagging,
        ):
            answer = ada.get(path.format(**ids))
        assert answer.status_code == 200, answer.content
        assert "replica_failed" not in {line["event"] for line in logs}, path
        assert lagging, path
        assert all("posts_apikey" in sql or "clock_timestamp" in sql for sql in fresh), fresh


@pytest.mark.parametrize("mount", ["/api/v1", "/compat/api/v1"])
def test_an_endpoint_that_writes_never_leaves_the_primary(standby, ada, mount):
    wait(lambda: knows_all(ada))
    ada.mount = mount

    data_of(ada.post("/posts", {"content": "Mine", "draft": True}), 201)
    assert Post.objects.count() == 1
