"""How long a text may be on each platform, and which files it must come with."""

import pytest

from destinations.dispatch import claims
from destinations.publishing import worker
from posts.models import Post
from tests.factories import make_account
from tests.posts.api.cases import cases
from tests.posts.api.contract.sample_posts import IMAGE, VIDEO, post
from tests.posts.conftest import refused

REQUIRED = {"instagram": "Instagram", "tiktok": "TikTok", "youtube": "YouTube"}


@cases(
    ("platform", "most", "files"),
    [
        ("x", 280, ()),
        ("instagram", 2200, (IMAGE,)),
        ("threads", 500, ()),
        ("linkedin", 3000, ()),
        ("facebook", 63206, ()),
        ("tiktok", 2200, (VIDEO,)),
        ("tiktok", 4000, (IMAGE,)),
        ("youtube", 5000, (VIDEO,)),
    ],
)
def test_text_of_each_platform_is_refused_one_over_its_limit(ada, platform, most, files):
    answer = post(ada, platform, *files, content="a" * (most + 1))

    [problem] = refused(answer, 400, "content_too_long")["details"]["validation_errors"]
    assert (problem["platform"], problem["limit"], problem["length"]) == (platform, most, most + 1)
    assert Post.objects.count() == 0
    assert post(ada, platform, *files, content="a" * most).status_code == 201


def test_youtube_description_is_counted_in_bytes(ada):
    assert post(ada, "youtube", VIDEO, content="é" * 2500).status_code == 201
    refused(post(ada, "youtube", VIDEO, content="é" * 2501), 400, "content_too_long")


def test_a_byte_order_mark_in_a_text_for_x_is_refused(ada):
    error = refused(post(ada, "x", content="\ufeffHello"), 400, "post_creation_failed")

    [problem] = error["details"]["validation_errors"]
    assert (problem["platform"], "U+FEFF" in problem["message"]) == ("x", True)
    assert Post.objects.count() == 0


def test_instagram_takes_thirty_hashtags(ada):
    refused(post(ada, "instagram", IMAGE, content="#dove " * 31), 400, "post_creation_failed")
    assert Post.objects.count() == 0
    assert post(ada, "instagram", IMAGE, content="#dove " * 30).status_code == 201


def test_youtube_title_has_a_hundred_characters(ada):
    def titled(title: str):
        said = {"youtube": {"settings": {"title": title}}}
        return post(ada, "youtube", VIDEO, platform_content=said)

    refused(titled("a" * 101), 400, "post_creation_failed")
    assert Post.objects.count() == 0
    assert titled("a" * 100).status_code == 201


@cases("files", [(VIDEO, VIDEO), (IMAGE,)])
def test_youtube_takes_exactly_one_video(ada, files):
    refused(post(ada, "youtube", *files), 400, "post_creation_failed")

    assert Post.objects.count() == 0
    assert post(ada, "youtube", VIDEO).status_code == 201


@cases("platform", ["x", "linkedin", "facebook", "threads"])
def test_no_file_is_needed_where_the_rules_say_so(ada, platform):
    body = {"content": "Hi", "account_ids": [make_account(ada.workspace, platform).pk]}

    told = ada.get("/platform-rules").json()["data"]["platforms"][platform]["media"]["required"]
    answer = ada.post("/posts/validate", body).json()

    assert told is False
    assert answer["data"]["accounts"][0]["warnings"] == []
    assert "warnings" not in answer["meta"]


@pytest.mark.parametrize("platform", REQUIRED)
def test_media_required_fails_that_destination_alone(ada, simulator, platform):
    token = simulator.connect("x", "77", username="acme")
    x = make_account(ada.workspace, "x", token=token, platform_account_id="77")
    ids = [make_account(ada.workspace, platform).pk, x.pk]

    made = ada.post("/posts", {"content": "Hi", "account_ids": ids})
    worker.publish(claims.claim(10))

    assert made.status_code == 201
    assert [each["account_id"] for each in made.json()["meta"]["warnings"]] == ids[:1]
    path = f"/posts/{made.json()['data']['post_id']}/results"
    failed, published = ada.get(path).json()["data"]
    assert (failed["status"], failed["next_retry_at"]) == ("failed", None)
    assert failed["error"]
    assert published["status"] == "published"
