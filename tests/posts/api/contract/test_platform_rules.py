"""GET /platform-rules, and each platform's limits on files at POST /posts."""

import jsonschema
import pytest

from platforms.registry import ADAPTERS
from posts.models import Post
from tests.platforms.facts import all_facts
from tests.posts.api.cases import cases
from tests.posts.api.contract.sample_posts import IMAGE, PDF, VIDEO, notes, post
from tests.posts.conftest import refused

#: By platform: bytes; least width, least height, most width, most height (0: no such limit).
IMAGES = {key: facts.image for key, facts in all_facts().items() if facts.image}
#: By platform: bytes; least and most seconds.
VIDEOS = {key: facts.video for key, facts in all_facts().items()}


def rules(caller):
    response = caller.get("/platform-rules")
    assert response.status_code == 200
    return response, response.json()["data"]


def test_get_platform_rules_has_every_platform_by_name(ada):
    _, data = rules(ada)

    assert set(data) == {"platforms"}
    assert list(data["platforms"]) == list(ADAPTERS)
    for key, told in data["platforms"].items():
        limits = ADAPTERS[key].limits
        assert told["contentTypes"] == list(ADAPTERS[key].post_types)
        assert set(told["mediaByContentType"]) == set(told["contentTypes"])
        for kind, rule in (
            ("image", limits.image),
            ("video", limits.video),
            ("document", limits.document),
        ):
            assert (told["media"][kind] is None) is (rule is None)
            if rule:
                assert told["media"][kind]["contentTypes"] == list(rule.content_types)


def test_get_platform_rules_names_every_limit_as_ever(ada):
    media = rules(ada)[1]["platforms"]["linkedin"]["media"]
    frame = """contentTypes convertedContentTypes maxBytes minWidth minHeight maxWidth maxHeight
        minRatio maxRatio altTextChars"""
    video = """eitherWayUp minBytes minSeconds maxSeconds minFramesPerSecond maxFramesPerSecond
        videoCodecs audioCodecs indexFirst"""

    assert set(media["image"]) == {*frame.split(), "maxPixels", "maxFrames"}
    assert set(media["video"]) == {*frame.split(), *video.split()}
    assert set(media["document"]) == {"contentTypes", "maxBytes", "maxPages"}


def test_get_platform_rules_tells_what_is_taken_in_another_form(ada):
    platforms = rules(ada)[1]["platforms"]

    assert platforms["linkedin"]["media"]["video"]["convertedContentTypes"] == ["video/quicktime"]
    assert platforms["x"]["media"]["video"]["convertedContentTypes"] == []
    assert platforms["instagram"]["media"]["image"]["convertedContentTypes"] == [
        "image/png",
        "image/gif",
        "image/webp",
    ]


def test_get_platform_rules_is_cacheable(ada):
    first, again = rules(ada), rules(ada)

    assert "max-age=3600" in first[0]["Cache-Control"]
    assert first[1] == again[1]


@cases("key", list(ADAPTERS))
def test_get_platform_rules_has_options_as_json_schema(ada, key):
    _, data = rules(ada)
    schema = data["platforms"][key]["options"]

    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate({}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"nonsense": 1}, schema)


@cases(
    ("platform", "limit", "features"),
    [
        ("x", 280, ["threads", "alt_text", "quotes"]),
        ("instagram", 2200, ["carousels", "reels", "stories", "alt_text", "first_comment"]),
        ("linkedin", 3000, ["alt_text", "documents", "link_cards", "polls"]),
        ("facebook", 63206, ["carousels", "reels", "alt_text", "link_cards"]),
        ("tiktok", 2200, ["carousels"]),
        ("youtube", 5000, ["shorts", "thumbnail"]),
        ("threads", 500, ["threads", "carousels", "alt_text", "link_cards"]),
    ],
)
def test_get_platform_rules_has_character_limit_media_and_features(ada, platform, limit, features):
    told = rules(ada)[1]["platforms"][platform]

    assert (told["characterLimit"], told["features"]) == (limit, features)
    assert (told["media"]["image"] is None) is (platform not in IMAGES)
    assert set(told["media"]["video"]) >= {"maxBytes", "minSeconds", "maxSeconds"}


FILES = {"image": (IMAGE, IMAGES, "JPEG"), "video": (VIDEO, VIDEOS, "MP4")}


@cases(("kind", "platform"), [(kind, each) for kind in FILES for each in FILES[kind][1]])
def test_image_and_video_max_of_a_platform_are_told_and_kept(ada, kind, platform):
    file, known, form = FILES[kind]
    most, *_ = known[platform]

    assert rules(ada)[1]["platforms"][platform]["media"][kind]["maxBytes"] == most
    assert notes(ada, platform, {**file, "size_bytes": most}) == []
    [note] = notes(ada, platform, {**file, "size_bytes": most + 1})
    assert f"will be sent in another form: {form}" in note


@cases("platform", VIDEOS)
def test_duration_of_a_platform_is_told_and_kept(ada, platform):
    _, least, most = VIDEOS[platform]

    told = rules(ada)[1]["platforms"][platform]["media"]["video"]
    assert (told["minSeconds"], told["maxSeconds"]) == (least, most)
    for seconds in (least, most):
        assert notes(ada, platform, {**VIDEO, "duration_seconds": seconds}) == []
    for seconds in (least - 0.1, most and most + 0.1):
        if seconds > 0:
            answer = post(ada, platform, {**VIDEO, "duration_seconds": seconds})
            error = refused(answer, 400, "post_creation_failed")
            assert error["details"]["validation_errors"][0]["platform"] == platform
    assert Post.objects.count() == 2


@cases("platform", IMAGES)
def test_image_px_min_and_max_of_a_platform_are_told_and_kept(ada, platform):
    _, *sides = IMAGES[platform]
    least_wide, _, most_wide, _ = sides

    told = rules(ada)[1]["platforms"][platform]["media"]["image"]
    assert [told[f"{end}{side}"] for end in ("min", "max") for side in ("Width", "Height")] == sides
    if least_wide:
        small = {**IMAGE, "width": least_wide, "height": least_wide}
        assert notes(ada, platform, small) == []
        refused(
            post(ada, platform, {**small, "width": least_wide - 1}), 400, "post_creation_failed"
        )
    if most_wide:
        large = {**IMAGE, "width": most_wide, "height": most_wide}
        assert notes(ada, platform, large) == []
        [note] = notes(ada, platform, {**large, "width": most_wide + 1})
        assert "will be sent in another form" in note


def test_pdf_max_of_linkedin_is_told_and_kept(ada):
    most = 100_000_000

    assert rules(ada)[1]["platforms"]["linkedin"]["media"]["document"]["maxBytes"] == most
    assert notes(ada, "linkedin", {**PDF, "size_bytes": most}) == []
    heavy = post(ada, "linkedin", {**PDF, "size_bytes": most + 1})
    refused(heavy, 400, "post_creation_failed")
    assert Post.objects.count() == 1


def test_youtube_has_no_image(ada):
    assert rules(ada)[1]["platforms"]["youtube"]["media"]["image"] is None
    refused(post(ada, "youtube", IMAGE), 400, "post_creation_failed")
    assert Post.objects.count() == 0
