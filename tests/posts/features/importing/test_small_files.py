"""Files that the request itself imports."""

import pytest

from posts.features.importing.models import ImportedRow
from posts.models import Post
from tests.factories import make_account, make_campaign
from tests.posts.features.importing.upload_steps import ahead, data, send_csv, send_form, table


@pytest.fixture
def account(ada):
    return make_account(ada.workspace, name="@acme", username="acme")


def row(account, content="Hello", **more):
    return {"content": content, "account_ids": account.pk, "scheduled_at": ahead(), **more}


def test_what_will_fail_of_an_accepted_row_is_told_with_its_row(ada):
    x, instagram = (make_account(ada.workspace, each) for each in ("x", "instagram"))
    rows = f"Fine,{x.pk}\nBoth,{x.pk} {instagram.pk}\nNone,{instagram.pk}\n"
    text = f"content,account_ids\n{rows}"
    warning = {
        "code": "media_required",
        "message": "Instagram accepts no post without a file.",
        "account_id": instagram.pk,
        "platform": "instagram",
        "row": 2,
    }

    checked = send_csv(ada, text, "?dry_run=true")
    made = send_csv(ada, text)

    for answer in (checked, made):
        assert answer.json()["meta"]["warnings"] == [warning]
        assert [each["ok"] for each in answer.json()["data"]["results"]] == [True, True, False]
        [error] = answer.json()["data"]["results"][2]["errors"]
        assert error["code"] == "post_creation_failed"
    assert Post.objects.count() == 2


def test_each_row_becomes_a_post(ada, account):
    answer = send_csv(ada, table(row(account, "One"), row(account, "Two")))

    assert answer.status_code == 201
    found = data(answer)
    assert (found["total"], found["valid"], found["invalid"]) == (2, 2, 0)
    assert [each["row"] for each in found["results"]] == [1, 2]
    shown = data(ada.get(f"/posts/{found['results'][0]['post_id']}"))
    assert (shown["content"], shown["status"]) == ("One", "scheduled")


def test_a_refused_row_says_why_and_stops_no_other(ada, account):
    bad = row(account, scheduled_at="2001-01-01T00:00:00Z")
    answer = send_csv(ada, table(row(account, "One"), bad, row(account, account_ids="999999")))

    assert answer.status_code == 207
    good, past, foreign = data(answer)["results"]
    assert good["ok"]
    assert good["errors"] == []
    assert [e["code"] for e in past["errors"]] == ["past_schedule_time"]
    assert [e["field"] for e in past["errors"]] == ["scheduled_at"]
    assert [(e["field"], e["code"]) for e in foreign["errors"]] == [
        ("account_ids", "invalid_accounts")
    ]
    assert Post.objects.count() == 1


def test_a_file_without_a_valid_row_is_a_422_with_its_data(ada, account):
    answer = send_csv(ada, table(row(account, scheduled_at="tomorrow")))

    assert answer.status_code == 422
    assert answer.json()["error"] is None
    assert data(answer)["results"][0]["errors"][0]["field"] == "scheduled_at"


def test_a_dry_run_stores_nothing(ada, account):
    text = table(row(account), row(account, "x" * 400), row(account, timezone="Mars/Base"))
    answer = send_csv(ada, text, "?dry_run=true")

    assert answer.status_code == 200
    fine, long, mars = data(answer)["results"]
    assert fine == {"row": 1, "ok": True, "existing": False, "errors": []}
    assert [(e["field"], e["code"]) for e in long["errors"]] == [("content", "content_too_long")]
    assert [(e["field"], e["code"]) for e in mars["errors"]] == [("timezone", "invalid_timezone")]
    assert (Post.objects.count(), ImportedRow.objects.count()) == (0, 0)


def test_the_same_file_again_makes_nothing_and_names_the_same_posts(ada, account):
    text = table(row(account, "One"), row(account, "Two"))
    first = data(send_csv(ada, text))
    answer = send_csv(ada, text)

    assert answer.status_code == 201
    again = data(answer)
    ids = [each["post_id"] for each in first["results"]]
    assert [each["post_id"] for each in again["results"]] == ids
    assert [each["existing"] for each in again["results"]] == [True, True]
    assert (again["valid"], again["existing"]) == (2, 2)
    assert Post.objects.count() == 2


def test_a_corrected_file_makes_only_the_rows_that_were_refused(ada, account):
    when = ahead()
    rows = [row(account, f"Post {n}", scheduled_at=when) for n in range(4)]
    bad = [{**each, "scheduled_at": "never"} if n % 2 else each for n, each in enumerate(rows)]
    assert data(send_csv(ada, table(*bad)))["valid"] == 2

    found = data(send_csv(ada, table(*rows)))

    assert [each["existing"] for each in found["results"]] == [True, False, True, False]
    assert Post.objects.count() == 4


def test_equal_rows_of_one_file_are_different_posts(ada, account):
    text = table(row(account), row(account))
    assert data(send_csv(ada, text))["valid"] == 2
    assert Post.objects.count() == 2
    assert all(each["existing"] for each in data(send_csv(ada, text))["results"])
    assert Post.objects.count() == 2


def test_a_word_of_the_customers_imports_a_file_once_more(ada, account):
    text = table(row(account))
    send_csv(ada, text)
    for _ in range(2):
        assert send_csv(ada, text, "?again=june").status_code == 201
    assert Post.objects.count() == 2


def test_columns_in_another_order_and_form_are_the_same_rows(ada, account):
    when = ahead()
    first = row(account, "Hello; you, there", scheduled_at=when)
    send_csv(ada, table(first))
    other = dict(reversed(first.items()))

    assert data(send_csv(ada, table(other, delimiter=";", end="\n")))["results"][0]["existing"]
    sent = {"content": first["content"], "account_ids": [account.pk], "scheduled_at": when}
    assert data(ada.post("/posts/import", {"posts": [sent]}))["results"][0]["existing"]
    assert data(ada.post("/posts/import", [sent]))["results"][0]["existing"]


def test_accounts_and_campaigns_may_be_named(ada, account):
    other = make_account(ada.workspace, "linkedin", name="Acme, Inc.", username="")
    campaign = make_campaign(ada.workspace, "Spring sale")
    text = table(
        {
            "Content": "Hi",
            "Platforms": "x linkedin",
            "Account Names": "acme | Acme, Inc.",
            "Scheduled-At": ahead(),
            "CAMPAIGN": "spring SALE",
        }
    )
    found = data(send_csv(ada, text))

    post = Post.objects.get()
    assert found["valid"] == 1
    assert {d.account_id for d in post.destinations.all()} == {account.pk, other.pk}
    assert post.campaign_id == campaign.pk


def test_a_platform_alone_means_its_only_account(ada, account):
    make_account(ada.workspace, "threads")
    make_account(ada.workspace, "threads")
    rows = [
        {"content": "Hi", "platforms": name, "scheduled_at": ahead()}
        for name in ("twitter", "threads", "youtube", "myspace")
    ]
    one, two, none, unknown = data(send_csv(ada, table(*rows)))["results"]

    assert one["ok"]
    assert "Several accounts are on threads" in two["errors"][0]["message"]
    assert "no account on youtube" in none["errors"][0]["message"]
    assert unknown["errors"][0]["field"] == "platforms"
    assert "'myspace' is none of the platforms" in unknown["errors"][0]["message"]


@pytest.mark.parametrize("between", [" ", ",", ";", "|", " | ", "\n"])
def test_platforms_stand_between_any_usual_separator(ada, account, between):
    threads = make_account(ada.workspace, "threads")
    platforms = between.join(("x", "threads"))
    text = table({"content": "Hi", "platforms": platforms, "scheduled_at": ahead()})

    assert data(send_csv(ada, text))["valid"] == 1
    assert {d.account_id for d in Post.objects.get().destinations.all()} == {account.pk, threads.pk}


def test_drafts_queues_and_local_times_are_as_for_post_posts(ada, account):
    when = ahead()[:-1]
    local = row(account, "Local", scheduled_at=when, timezone="America/New_York")
    draft = row(account, "Draft", scheduled_at="", draft="Yes")
    queued = row(account, "Queued", scheduled_at="", use_queue="TRUE")
    assert data(send_csv(ada, table(local, draft, queued)))["valid"] == 3
    posts = {post.content: post for post in Post.objects.all()}
    assert posts["Draft"].status == "draft"
    assert posts["Queued"].posting_queue_id
    assert posts["Local"].scheduled_for.isoformat() != f"{when}+00:00"


def test_a_form_may_bring_either_format(ada, account):
    text = table(row(account))
    assert send_form(ada, text.encode(), "posts.csv").status_code == 201
    assert (
        send_form(ada, b'{"posts": [{"content": "A", "draft": true}]}', "a.json").status_code == 201
    )
    assert send_form(ada, text.encode(), "posts.csv").status_code == 201
    assert Post.objects.count() == 2


def test_the_compatibility_mount_names_posts_by_uuid(ada, compat, account):
    found = data(send_csv(compat, table(row(account))))
    assert found["results"][0]["post_id"] == str(Post.objects.get().pk)


def test_a_stranger_imports_nothing_for_our_accounts_and_sees_none_of_our_rows(ada, cy, account):
    text = table(row(account))
    send_csv(ada, text)
    found = data(send_csv(cy, text))
    assert [e["code"] for e in found["results"][0]["errors"]] == ["invalid_accounts"]
    named = table({"content": "Hi", "account_names": "acme", "scheduled_at": ahead()})
    assert data(send_csv(cy, named))["valid"] == 0
    assert Post.objects.count() == 1


def test_an_idempotency_key_gives_the_first_answer_again(ada, account):
    text = table(row(account))
    headers = {"Idempotency-Key": "june"}
    first = send_csv(ada, text, headers=headers)
    second = send_csv(ada, text, headers=headers)
    assert second["Idempotent-Replayed"] == "true"
    assert data(second) == data(first)


def test_a_row_of_an_export_whose_post_is_still_here_is_refused(ada, account):
    found = data(send_csv(ada, table(row(account))))
    post_id = found["results"][0]["post_id"]
    copy = row(account, "Changed", post_id=post_id)

    assert data(send_csv(ada, table(copy)))["results"][0]["errors"][0]["code"] == "conflict"
    Post.objects.all().delete()
    assert data(send_csv(ada, table(copy)))["valid"] == 1
