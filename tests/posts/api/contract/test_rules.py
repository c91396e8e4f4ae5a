"""What the prose and the questions of customers promise of posts, sentence by sentence."""

from datetime import datetime, timedelta

import pytest

from destinations.models import Destination
from destinations.runtime import clock
from tests.destinations.run_command import work
from tests.factories import make_account
from tests.posts.api.cases import cases
from tests.posts.api.contract.conftest import connected, is_nothing_made, stored
from tests.posts.conftest import refused, upload
from tests.posts.factories import FUTURE, make_media, png
from tests.posts.media import videos


def create(caller, *accounts, **fields) -> str:
    body = {"content": "Hi", "account_ids": [account.pk for account in accounts], **fields}
    response = caller.post("/posts", body)
    assert response.status_code == 201, response.json()
    return f"/posts/{response.json()['data']['post_id']}"


def results(caller, path: str) -> list[dict]:
    return caller.get(f"{path}/results").json()["data"]


@pytest.fixture
def two(ada, simulator):
    return [connected(ada, simulator, number) for number in ("77", "78")]


def test_one_call_publishes_to_all_accounts_at_once_and_tracks_each_apart(ada, simulator, two):
    path = create(ada, *two)

    work()

    rows = results(ada, path)
    public = {post["account"]: post["id"] for post in simulator.posts("x")}
    assert [row["account_id"] for row in rows] == [account.pk for account in two]
    assert [row["platform_post_id"] for row in rows] == [public["77"], public["78"]]
    assert [(row["status"], row["attempts"]) for row in rows] == [("published", 1)] * 2
    moments = [datetime.fromisoformat(row["published_at"]) for row in rows]
    assert max(moments) - min(moments) < timedelta(seconds=5)


def test_one_fails_and_another_succeeds_is_partial_and_a_retry_sends_only_the_failed(
    ada, simulator, two
):
    simulator.fault("x", account="77", status=400, times=1)
    path = create(ada, *two)
    work()

    assert ada.get(path).json()["data"]["status"] == "partial"
    failed, published = results(ada, path)
    assert (failed["status"], published["status"]) == ("failed", "published")
    retried = ada.post(f"{path}/retry").json()["data"]
    assert [row["id"] for row in retried["destinations"]] == [failed["id"]]
    work()

    again, untouched = results(ada, path)
    assert (again["status"], again["attempts"]) == ("published", 2)
    assert untouched == published
    assert ada.get(path).json()["data"]["status"] == "published"
    assert sorted(post["account"] for post in simulator.posts("x")) == ["77", "78"]


def test_published_posts_can_never_be_edited(ada, simulator, two):
    path = create(ada, *two)
    work()
    before = stored()

    for change in ({"content": "New"}, {"scheduled_at": FUTURE}, {"media_ids": []}, {}):
        refused(ada.patch(path, change), 409, "conflict")

    assert stored() == before
    assert [post["text"] for post in simulator.posts("x")] == ["Hi", "Hi"]


@cases(
    ("zone", "instant"),
    [({"timezone": "Asia/Tokyo"}, "2099-03-15T05:00:00Z"), ({}, "2099-03-15T14:00:00Z")],
)
def test_a_local_time_is_scheduled_at_and_timezone_and_utc_without(ada, x, zone, instant):
    path = create(ada, x, scheduled_at="2099-03-15T14:00:00", **zone)

    data = ada.get(path).json()["data"]

    assert data["scheduled_for"] == instant
    assert data["timezone"] == zone.get("timezone", "UTC")


@cases("platform", ["x", "instagram", "facebook", "youtube", "tiktok", "threads"])
def test_documents_are_for_linkedin_only(ada, platform):
    pdf = make_media(ada.workspace, kind="document", content_type="application/pdf")
    account, linkedin = (make_account(ada.workspace, key) for key in (platform, "linkedin"))
    body = {"content": "Hi", "media_ids": [str(pdf.pk)], "scheduled_at": FUTURE}
    both = {**body, "account_ids": [linkedin.pk, account.pk]}

    error = refused(ada.post("/posts", both), 400, "post_creation_failed")

    problems = error["details"]["validation_errors"]
    assert [(each["account_id"], each["platform"]) for each in problems] == [(account.pk, platform)]
    assert is_nothing_made()
    assert ada.post("/posts", {**both, "account_ids": [linkedin.pk]}).status_code == 201


@cases(
    ("content_type", "make", "kind"),
    [
        ("image/jpeg", videos.picture, "image"),
        ("image/png", png, "image"),
        ("image/gif", lambda: videos.animation(2), "image"),
        ("image/webp", lambda: videos.picture(kind="WEBP"), "image"),
        ("video/mp4", videos.make, "video"),
        ("video/quicktime", lambda: videos.make(container="mov"), "video"),
        ("application/pdf", lambda: b"%PDF-1.7\n%%EOF\n", "document"),
    ],
)
def test_media_is_uploaded_first_and_attached_by_id(ada, content_type, make, kind):
    media = upload(ada, make(), content_type).json()["data"]

    path = create(ada, media_ids=[media["id"]], draft=True)

    [item] = ada.get(path).json()["data"]["media"]
    assert (item["id"], item["type"]) == (media["id"], kind)
    # The signature is of the day on which the link was made.
    assert item["url"].partition("?")[0] == media["url"].partition("?")[0]


def test_retry_timing_is_three_attempts_in_three_seconds_and_the_next_after_15_minutes(
    ada, simulator, settings
):
    """What is added to each pause is up to a tenth of it."""
    settings.SIMULATOR_URL = "http://127.0.0.1:9"  # no server is there
    path = create(ada, connected(ada, simulator, "77"))

    for seconds in (1, 2, 900):
        before = clock.now()
        work()
        due_at = Destination.objects.get().next_retry_at
        assert before + timedelta(seconds=seconds) <= due_at
        assert due_at <= clock.now() + timedelta(seconds=seconds * 1.1)

    [row] = results(ada, path)
    assert (row["status"], row["attempts"]) == ("failed", 3)
    assert row["next_retry_at"] == due_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert ada.get(path).json()["data"]["status"] == "failed"


def test_an_account_that_is_gone_fails_its_destination_with_a_clear_error(ada, simulator, two):
    path = create(ada, *two)
    number, name = two[0].pk, two[0].name
    two[0].delete()

    work()

    failed, published = results(ada, path)
    assert (failed["status"], published["status"]) == ("failed", "published")
    assert failed["error"] == f"The account {name} was removed."
    assert (failed["account_id"], failed["account_name"]) == (number, name)


@pytest.mark.parametrize(
    ("platform", "fields", "error"),
    [
        ("x", {"is_active": False}, "The account @off is switched off."),
        ("instagram", {}, "An Instagram post needs an image or a video."),
        ("tiktok", {}, "A TikTok post needs a video or photos."),
        ("youtube", {}, "A YouTube post needs exactly one video."),
    ],
)
def test_a_destination_that_cannot_be_is_accepted_and_fails_alone_with_a_clear_error(
    ada, simulator, two, platform, fields, error
):
    path = create(ada, make_account(ada.workspace, platform, name="@off", **fields), two[0])

    work()

    failed, published = results(ada, path)
    assert (failed["status"], published["status"]) == ("failed", "published")
    assert (failed["error"], failed["next_retry_at"]) == (error, None)
    assert ada.get(path).json()["data"]["status"] == "partial"
