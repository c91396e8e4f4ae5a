"""Reads take few rows, also with old statistics: of one post, and of a key for some accounts."""

import json
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from django.db import connection

from posts.api import pagination
from posts.api.serializers.posts.queries import PostQuery, filters
from posts.api.serializers.resources import read as read_query
from posts.keys import keys
from posts.models import Post
from posts.read_models import listing, queries
from tests.factories import make_account, make_post
from tests.posts.api.cases import cases
from tests.posts.conftest import Caller
from tests.psql import psql

OTHERS = 3_000
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def elsewhere(ada):
    """An account with many posts, and statistics from before it had any."""
    account = make_account(ada.workspace)
    psql("ANALYZE posts_post, destinations_destination")
    make_post(ada.workspace, [account], status="published", due_at=None)
    for table, own in (("posts_post", "id"), ("destinations_destination", "id, post_id")):
        [(others,)] = psql(
            "SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute"
            " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
            " AND attgenerated = '' AND attname <> ALL (%s)",
            [table, own.split(", ")],
        )
        values = ", ".join(["md5(n::text)::uuid"] * len(own.split(", ")))
        psql(
            f"INSERT INTO {table} ({own}, {others}) SELECT {values}, {others}"
            f" FROM (SELECT * FROM {table} LIMIT 1) one, generate_series(1, %s) n",
            [OTHERS],
        )
    assert Post.objects.count() == OTHERS + 1
    return account


def restricted(ada, *accounts) -> Caller:
    made = keys.create(ada.workspace, "Some", ("read", "write"), accounts=accounts)
    return Caller(ada.workspace, *made)


def rows_read(act) -> int:
    """How many rows the queries of `act` read, whether or not they were of use."""
    asked: list[tuple[str, Any]] = []

    def note(execute, sql, params, many, context):
        tables = ("posts_post", "destinations_destination")
        if sql.lstrip().startswith(("SELECT", "WITH")) and any(table in sql for table in tables):
            asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        act()
    total = 0
    # A statement that is prepared has its parameters apart.
    with connection.make_cursor(psycopg.RawCursor(connection.connection)) as raw:
        plain = connection.cursor()
        for sql, params in asked:
            cursor = raw if "$1" in sql else plain
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", params)
            [told] = cursor.fetchone()
            [plan] = json.loads(told) if isinstance(told, str) else told
            total += _rows(plan["Plan"])
    assert asked
    return total


def _rows(plan) -> int:
    inner = plan.get("Plans", [])
    own = 0
    if not inner:
        removed = sum(value for name, value in plan.items() if name.startswith("Rows Removed"))
        own = int((plan["Actual Rows"] + removed) * plan["Actual Loops"])
    return own + sum(map(_rows, inner))


@cases("count", [0, 3])
@cases("query", ["", "?sort=published_at", "?sort=updated_at&order=asc"])
def test_an_account_with_few_posts_reads_few_rows(ada, elsewhere, count, query):
    account = make_account(ada.workspace)
    mine = [make_post(ada.workspace, [account]).public_id for _ in range(count)]
    caller = restricted(ada, account)

    answers = []
    read = rows_read(lambda: answers.append(caller.get(f"/posts{query}").json()))

    assert {each["id"] for each in answers[0]["data"]} == set(mine)
    assert answers[0]["meta"]["pagination"]["total"] == count
    assert read < 100


def test_the_account_of_a_key_counts_few_rows(ada, elsewhere):
    account = make_account(ada.workspace)
    make_post(ada.workspace, [account])
    caller = restricted(ada, account)

    read = rows_read(lambda: caller.get("/me"))

    assert read < 100


@pytest.mark.parametrize("few", [0, 2, 2_000])
def test_many_posts_are_found_as_few_are(ada, monkeypatch, few):
    monkeypatch.setattr(queries, "FEW", few)
    account, other = make_account(ada.workspace), make_account(ada.workspace)
    mine = [make_post(ada.workspace, [account]).public_id for _ in range(4)]
    make_post(ada.workspace, [account, other])
    make_post(ada.workspace, [other])
    make_post(ada.workspace, [])

    answer = restricted(ada, account).get("/posts?limit=3").json()

    assert [each["id"] for each in answer["data"]] == mine[:0:-1]
    assert answer["meta"]["pagination"]["total"] == 4


@pytest.mark.parametrize("few", [4, 5, 2_000])
def test_posts_for_several_accounts_of_a_key_hide_no_other_post(ada, monkeypatch, few):
    monkeypatch.setattr(queries, "FEW", few)
    accounts = [make_account(ada.workspace), make_account(ada.workspace)]
    mine = [make_post(ada.workspace, accounts).public_id for _ in range(3)]
    mine += [make_post(ada.workspace, accounts[1:]).public_id for _ in range(2)]

    answer = restricted(ada, *accounts).get("/posts").json()

    assert {each["id"] for each in answer["data"]} == set(mine)


@pytest.mark.parametrize("few", [0, 2_000])
def test_a_key_for_every_account_sees_no_post_that_also_went_elsewhere(ada, monkeypatch, few):
    monkeypatch.setattr(queries, "FEW", few)
    account, gone = make_account(ada.workspace), make_account(ada.workspace)
    mine = make_post(ada.workspace, [account]).public_id
    for accounts in ([account, gone], [gone], []):
        make_post(ada.workspace, accounts)
    gone.delete()

    answer = restricted(ada, account).get("/posts").json()

    assert [each["id"] for each in answer["data"]] == [mine]


@cases("path", ["", "/results", "/events"])
@cases("is_restricted", [False, True])
def test_one_of_many_posts_reads_few_rows(ada, elsewhere, path, is_restricted):
    account = make_account(ada.workspace)
    post = make_post(ada.workspace, [account])
    caller = restricted(ada, account) if is_restricted else ada

    answers = []
    read = rows_read(lambda: answers.append(caller.get(f"/posts/{post.public_id}{path}")))

    assert answers[0].status_code == 200
    assert read < 20


def test_a_page_reads_the_destinations_of_its_posts_only(ada, elsewhere):
    read = rows_read(lambda: ada.get(f"/posts?limit=3&offset={OTHERS - 1}"))

    assert read < OTHERS + 20


@pytest.fixture
def looks_at_few(monkeypatch):
    monkeypatch.setattr(listing, "LOOKED_AT", 50)
    monkeypatch.setattr(listing, "FREQUENT", 10)


def total(caller, query) -> tuple[int, bool]:
    told = caller.get(f"/posts?{query}").json()["meta"]["pagination"]
    return told["total"], told["total_is_exact"]


@cases("filtered", ["platform=x", "search=e", "account_id={}"])
def test_a_frequent_filter_counts_among_the_newest_posts_only(
    ada, elsewhere, looks_at_few, filtered
):
    query = filtered.format(elsewhere.pk)

    wanted = read_query(PostQuery, dict([query.split("=")]))

    read = rows_read(lambda: listing.find(ada.key.reach, filters(wanted)).count(10_001))

    assert read < 500
    assert total(ada, f"{query}&limit=3") == (50, False)


def test_a_rare_filter_counts_all_that_match(ada, elsewhere, looks_at_few):
    rare = make_account(ada.workspace, "linkedin")
    old = [make_post(ada.workspace, [rare], content="A rare word").pk for _ in range(4)]
    Post.objects.filter(pk__in=old).update(created_at=LONG_AGO)

    for query in ("platform=linkedin", f"account_id={rare.pk}", "search=rare"):
        assert total(ada, f"{query}&limit=3") == (4, True)


@cases("filtered", ["platform=x", "search=hello", "account_id={}"])
def test_a_filter_that_only_old_posts_match_but_many_of_them_reads_few(
    ada, elsewhere, looks_at_few, monkeypatch, filtered
):
    monkeypatch.setattr(listing, "MANY", 100)
    monkeypatch.setattr(pagination, "COUNTED", 20)
    psql("UPDATE posts_post SET created_at = created_at - random() * interval '1 hour'")
    newer = make_account(ada.workspace, "linkedin")
    for _ in range(60):
        make_post(ada.workspace, [newer], content="Other words")
    psql("ANALYZE posts_post, destinations_destination, posts_posttext")
    answers = []

    query = filtered.format(elsewhere.pk)
    read = rows_read(lambda: answers.append(ada.get(f"/posts?{query}&limit=3").json()))

    assert read < 1000
    assert {each["content"] for each in answers[0]["data"]} == {"Hello"}
    assert total(ada, f"{query}&limit=3") == (20, False)


def test_a_network_without_an_account_of_the_key_reads_no_posts(ada, elsewhere, monkeypatch):
    monkeypatch.setattr(queries, "FEW", 0)
    caller = restricted(ada, elsewhere)

    read = rows_read(lambda: caller.get("/posts?platform=linkedin"))

    assert read < 20
    assert total(caller, "platform=linkedin") == (0, True)
