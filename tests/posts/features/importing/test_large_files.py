"""Files that workers import."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from destinations.models import BusyWorker
from destinations.runtime import clock
from posts.features.importing import create_post, imports, worker
from posts.features.importing.api.serializers import read_new_post
from posts.features.importing.formats import files
from posts.features.importing.models import Import, ImportedRow, ImportRow
from posts.keys import keys
from posts.models import Post
from tests.factories import make_account
from tests.posts.at_once import at_once
from tests.posts.conftest import Caller
from tests.posts.factories import png
from tests.posts.features.importing.large_files import (
    AT_ONCE,
    ROWS,
    begun,
    drafts,
    process,
)
from tests.posts.features.importing.upload_steps import ahead, data, send_csv, table

pytestmark = pytest.mark.usefixtures("small_sizes")
REAL_AT_ONCE, REAL_STEP_ROWS = files.ADVISED_ROWS, worker.STEP_ROWS


@pytest.fixture
def real_sizes(monkeypatch):
    monkeypatch.setattr(worker, "STEP_ROWS", REAL_STEP_ROWS)
    monkeypatch.setattr(files, "ADVISED_ROWS", REAL_AT_ONCE)


def test_workers_import_a_large_file_and_tell_how_far_they_are(ada):
    began = begun(ada, drafts(bad={3, 12}))
    assert (began["status"], began["total"], began["done"]) == ("processing", ROWS, 0)
    assert Post.objects.count() == 0

    process()

    found = data(ada.get(f"/imports/{began['import_id']}?limit=5"))
    assert (found["status"], found["done"]) == ("completed", ROWS)
    assert (found["valid"], found["invalid"]) == (ROWS - 2, 2)
    assert found["pagination"]["has_more"]
    assert found["ended_at"]
    assert Post.objects.count() == ROWS - 2
    refused = data(ada.get(f"/imports/{began['import_id']}?ok=false"))["results"]
    assert [each["row"] for each in refused] == [3, 12]
    assert refused[0]["errors"][0]["field"] == "draft"


def test_a_worker_rests_between_steps_only_while_posts_are_being_published(ada, monkeypatch):
    rests = []
    monkeypatch.setattr(worker.time, "sleep", rests.append)
    begun(ada, drafts())
    process()
    assert rests == []

    BusyWorker.objects.create(name="worker@host", at=clock.now(), tick=1)
    begun(ada, table(*({"content": f"Another {n}", "draft": "yes"} for n in range(ROWS))))
    process()

    assert len(rests) == 3
    assert all(seconds > 0 for seconds in rests)


def test_a_file_is_large_from_its_next_row_on(ada):
    assert send_csv(ada, drafts(AT_ONCE)).status_code == 201
    assert send_csv(ada, drafts(AT_ONCE + 1)).status_code == 202


@pytest.mark.thorough
def test_five_hundred_rows_are_imported_at_once_and_more_by_workers(ada, real_sizes):
    assert data(send_csv(ada, drafts(500)))["valid"] == 500

    began = begun(ada, drafts(510))
    process()

    assert data(ada.get(f"/imports/{began['import_id']}"))["valid"] == 510
    assert Post.objects.count() == 510


def test_the_same_file_again_makes_nothing_and_a_corrected_one_only_what_was_refused(ada):
    begun(ada, drafts(bad={7}))
    process()
    first = set(Post.objects.values_list("pk", flat=True))
    again = begun(ada, drafts(bad={7}))
    process()
    assert set(Post.objects.values_list("pk", flat=True)) == first
    found = data(ada.get(f"/imports/{again['import_id']}"))
    assert found["existing"] == found["valid"]
    assert all(each["existing"] for each in found["results"] if each["ok"])

    begun(ada, drafts())
    process()
    assert Post.objects.count() == ROWS


def test_the_same_file_while_it_is_imported_is_the_same_import(ada):
    first, second = begun(ada, drafts()), begun(ada, drafts())
    assert first["import_id"] == second["import_id"]


def test_a_workspace_has_three_imports_under_way_at_most(ada):
    for word in "abc":
        begun(ada, drafts(), f"?again={word}")
    answer = send_csv(ada, drafts(), "?again=d")
    assert answer.status_code == 409
    assert "3 imports" in answer.json()["error"]["message"]


def test_of_a_group_only_the_row_that_another_import_made_meanwhile_is_known(ada, monkeypatch):
    send_csv(ada, table({"content": "Post 3", "draft": "yes"}))
    began = begun(ada, drafts())
    real, hidden = create_post.imported_posts, [{}]

    def not_yet_made(*given):
        return hidden.pop() if hidden else real(*given)

    monkeypatch.setattr(create_post, "imported_posts", not_yet_made)
    process()

    found = data(ada.get(f"/imports/{began['import_id']}"))
    assert (found["valid"], found["existing"]) == (ROWS, 1)
    assert Post.objects.count() == ROWS


def test_rows_take_two_statements_each(ada, account, monkeypatch):
    monkeypatch.setattr(worker, "STEP_ROWS", REAL_STEP_ROWS)
    rows = [{"content": f"Post {n}", "account_ids": account.pk} for n in range(REAL_STEP_ROWS)]
    begun(ada, table(*({**row, "scheduled_at": ahead()} for row in rows)))

    with CaptureQueriesContext(connection) as asked:
        process()

    # The account, and the post with all that belongs to it; the rest is for many rows.
    assert len(asked) <= 2 * REAL_STEP_ROWS + 40
    assert Post.objects.count() == REAL_STEP_ROWS


def test_an_import_stays_within_the_reach_of_its_key(ada, account):
    other = make_account(ada.workspace)
    narrow = Caller(
        ada.workspace, *keys.create(ada.workspace, "n", ("read", "write"), accounts=[account])
    )
    rows = [
        {"content": f"Post {n}", "account_ids": (account, other)[n % 2].pk, "scheduled_at": ahead()}
        for n in range(ROWS)
    ]
    began = begun(narrow, table(*rows))
    wide = begun(ada, drafts())
    process()

    found = data(narrow.get(f"/imports/{began['import_id']}"))
    assert (found["valid"], found["invalid"]) == (ROWS / 2, ROWS / 2)
    assert found["results"][1]["errors"][0]["code"] == "invalid_accounts"
    assert narrow.get(f"/imports/{wide['import_id']}").status_code == 404
    assert [each["import_id"] for each in data(narrow.get("/imports"))["imports"]] == [
        began["import_id"]
    ]
    assert len(data(ada.get("/imports"))["imports"]) == 2


def test_a_restricted_key_learns_no_posts_of_others_from_a_file(ada, account):
    other = make_account(ada.workspace)
    narrow = Caller(
        ada.workspace, *keys.create(ada.workspace, "n", ("read", "write"), accounts=[account])
    )
    text = table({"content": "Hi", "account_ids": other.pk, "scheduled_at": ahead()})
    assert send_csv(ada, text).status_code == 201
    answer = send_csv(narrow, text)
    assert answer.status_code == 422
    assert "post_id" not in data(answer)["results"][0]


def test_a_large_dry_run_is_done_by_workers_and_stores_no_posts(ada):
    began = begun(ada, drafts(bad={2}), "?dry_run=true")
    process()
    found = data(ada.get(f"/imports/{began['import_id']}"))
    assert (found["dry_run"], found["valid"], found["invalid"]) == (True, ROWS - 1, 1)
    assert (Post.objects.count(), ImportedRow.objects.count()) == (0, 0)


def test_imports_take_turns(ada, cy):
    begun(ada, drafts())
    begun(cy, drafts())
    for _ in range(2):
        worker.step(worker.ROWS.claim_one(), read_new_post)
    assert {post.workspace_id for post in Post.objects.all()} == {ada.workspace.pk, cy.workspace.pk}


def test_old_imports_are_forgotten_and_their_rows_are_still_known(ada):
    began = begun(ada, drafts())
    process()
    Import.objects.update(created_at=clock.now() - timedelta(days=imports.DAYS, minutes=1))
    assert imports.forget() == 1
    assert ada.get(f"/imports/{began['import_id']}").status_code == 404
    assert ImportRow.objects.count() == 0

    begun(ada, drafts())
    process()
    assert Post.objects.count() == ROWS


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("count", [60, pytest.param(510, marks=pytest.mark.thorough)])
def test_two_workers_and_two_imports_of_the_same_rows_make_each_post_once(ada, bo, count):
    begun(ada, drafts(count))
    begun(bo, drafts(count))

    def serve():
        while job := worker.ROWS.claim_one():
            worker.step(job, read_new_post)

    at_once([serve] * 2)

    assert Post.objects.count() == count
    assert Import.objects.filter(status="completed", valid=count).count() == 2


def test_files_are_fetched_before_the_post_is_made(ada, account, fetcher, stranger):
    stranger.gives("/loft.png", png())
    rows = [
        {
            "content": f"With a picture {n}",
            "account_ids": account.pk,
            "scheduled_at": ahead(),
            "media_urls": stranger.url(f"/{name}"),
        }
        for n, name in enumerate(("loft.png", "loft.png", "gone.png"))
    ]
    began = begun(ada, table(*rows))
    until = clock.now() + timedelta(seconds=60)
    while Import.objects.filter(due_at__isnull=False).exists() and clock.now() < until:
        process()

    found = data(ada.get(f"/imports/{began['import_id']}"))
    assert [each["ok"] for each in found["results"]] == [True, True, False]
    assert found["results"][2]["errors"][0]["field"] == "media_urls"
    first, second = Post.objects.order_by("created_at")
    assert first.media.get() == second.media.get()
