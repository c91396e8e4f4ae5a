"""platform_content: kinds of post and settings, by platform."""

from destinations.models import Destination
from platforms.drafts import Draft
from platforms.registry import ADAPTERS
from posts.models import Post
from tests.factories import AUDIENCE
from tests.posts.api.cases import cases
from tests.posts.api.contract.sample_posts import IMAGE, VIDEO, post, wanted
from tests.posts.conftest import refused


def drafted() -> Draft:
    return Draft.from_json(Destination.objects.get().draft)


def test_platform_content_knows_twitter_as_x(ada):
    said = {"twitter": {"content": "On X"}}

    assert post(ada, "x", platform_content=said).status_code == 201

    assert drafted().text == "On X"
    assert Post.objects.get().platform_content == {"x": {"content": "On X"}}


@cases(
    ("platform", "word", "file"),
    [
        ("instagram", "Post", IMAGE),
        ("instagram", "Reels", VIDEO),
        ("instagram", "Story", IMAGE),
        ("instagram", "Trial Reel", VIDEO),
        ("facebook", "Post", IMAGE),
        ("facebook", "Reels", VIDEO),
        ("facebook", "Story", IMAGE),
        ("youtube", "Video", VIDEO),
        ("youtube", "Short", VIDEO),
    ],
)
def test_content_type_of_each_platform_is_what_will_be_sent(ada, platform, word, file):
    said = {platform: {"contentType": word}}

    assert post(ada, platform, file, platform_content=said).status_code == 201

    assert drafted().post_type == word


@cases("platform", ["x", "linkedin", "instagram", "facebook", "youtube"])
def test_content_type_that_a_platform_does_not_have_is_refused(ada, platform):
    answer = post(ada, platform, platform_content={platform: {"contentType": "Idea"}})

    refused(answer, 400, "post_creation_failed")
    assert Post.objects.count() == 0


@cases(
    ("platform", "file", "asked"),
    [
        ("instagram", IMAGE, {"altText": "A dove", "firstComment": "#dove"}),
        ("instagram", VIDEO, {"coverPhotoTimestamp": 1500}),
        ("tiktok", VIDEO, {"privacyLevel": "PUBLIC_TO_EVERYONE"}),
        ("tiktok", VIDEO, {"privacyLevel": "MUTUAL_FOLLOW_FRIENDS"}),
        ("tiktok", VIDEO, {"privacyLevel": "FOLLOWER_OF_CREATOR"}),
        ("tiktok", VIDEO, {"privacyLevel": "SELF_ONLY"}),
        ("tiktok", VIDEO, {**AUDIENCE["tiktok"], "allowComments": True, "allowDuet": True}),
        ("youtube", VIDEO, {"title": "Doves", "tags": ["dove", "loft"]}),
        ("youtube", VIDEO, {"privacyStatus": "public"}),
        ("youtube", VIDEO, {"privacyStatus": "unlisted"}),
        ("youtube", VIDEO, {"privacyStatus": "private"}),
    ],
)
def test_settings_of_each_platform_are_what_will_be_sent(ada, platform, file, asked):
    said = {platform: {"settings": asked}}

    assert post(ada, platform, file, platform_content=said).status_code == 201

    assert drafted().settings == asked


@cases(
    ("platform", "asked"),
    [
        ("instagram", {"altText": 5}),
        ("instagram", {"coverPhotoTimestamp": "1500"}),
        ("tiktok", {"privacyLevel": "EVERYONE"}),
        ("tiktok", {"allowComments": "yes"}),
        ("youtube", {"privacyStatus": "secret"}),
        ("youtube", {"tags": "dove"}),
    ],
)
def test_settings_of_another_value_are_refused(ada, platform, asked):
    answer = post(ada, platform, VIDEO, platform_content={platform: {"settings": asked}})

    refused(answer, 400, "post_creation_failed")
    assert Post.objects.count() == 0


@cases("platform", ["myspace"])
def test_platform_content_for_a_platform_that_is_not_here_is_refused(ada, platform):
    answer = post(ada, "x", platform_content={platform: {"content": "Hi"}})

    error = refused(answer, 400, "validation_error")

    [problem] = error["details"]["validation_errors"]
    assert problem["field"] == f"platform_content.{platform}"
    assert ", ".join(ADAPTERS) in problem["message"]
    assert Post.objects.count() == 0


def test_platform_content_is_keyed_by_platform_with_content_type_and_settings(ada, x):
    said = {"content": "Hi there", "contentType": "Post", "settings": {"firstComment": "#dove"}}
    body = wanted(ada, "instagram", IMAGE, platform_content={"instagram": said})
    body["account_ids"].append(x.pk)

    assert ada.post("/posts", body).status_code == 201

    found = {row.platform: Draft.from_json(row.draft) for row in Destination.objects.all()}
    assert (found["x"].text, found["x"].post_type, found["x"].settings) == ("Hi", "", {})
    own = found["instagram"]
    assert (own.text, own.post_type, own.settings) == tuple(said.values())
    assert Post.objects.get().platform_content == {"instagram": said}
    assert Post.objects.get().content == "Hi"
