"""Publish on a site: files, terms and a draft first, then the draft by its id, once."""

import json
import re
import time

import pytest

from deploy.simulator.wordpress.demo import HOST
from deploy.simulator.wordpress.site import PLAIN
from platforms.drafts import Draft
from platforms.errors import OutcomeUnknown, Rejected, Unauthorized, Unavailable
from platforms.outcomes import Absent, Published, RefusedLater
from tests.conftest import Simulator
from tests.platforms.driver import HELLO, Drive, image, media, published
from tests.platforms.wordpress.account import drive
from tests.platforms.wordpress.steps import TOLD


def picture(width: int = 320, **fields: object):
    return media(image(width, format="JPEG"), content_type="image/jpeg", **fields)


def clip():
    return media(kind="video", alt_text="It coos")


@pytest.fixture(params=[HOST, PLAIN])
def d(request: pytest.FixtureRequest, simulator: Simulator) -> Drive:
    return drive(simulator, request.param)


def said(d: Drive) -> dict:
    """What the public post's draft was made of."""
    [post] = d.public()
    return post["extra"]["said"]


def posts_asked(d: Drive) -> list[str]:
    """The calls beside the reads."""
    routes = [query.get("rest_route", path) for path, query in d.queries[-len(d.requests) :]]
    called = zip(d.requests, routes, strict=True)
    return [route.rpartition("/")[2] for each, route in called if each.startswith("POST")]


def test_a_post_is_a_draft_first_and_public_once(d: Drive):
    result = published(d.finish(HELLO))
    [post] = d.public()
    assert (post["id"], post["text"], post["url"]) == (result.id, "Hello", result.url)
    links = {HOST: rf"20\d\d/[01]\d/{result.id}/", PLAIN: rf"\?p={result.id}"}
    place = d.account.platform_account_id.partition("@")[2]
    assert re.fullmatch(rf"https://{re.escape(place)}/{links[place]}", result.url)
    assert d.sends == 1
    assert (d.state, result.notes) == ("answered", ())


def test_everything_that_is_said_of_a_post_reaches_the_site(d: Drive):
    d.finish(Draft("*Coo* <b>coo</b>", settings=TOLD))
    told = said(d)
    assert (told["title"], told["excerpt"], told["format"]) == ("Doves", "Of doves", "aside")
    assert told["slug"] == "doves"
    assert (len(told["categories"]), len(told["tags"])) == (1, 2)
    assert "<em>Coo</em> <b>coo</b>" in told["content"]
    pretty = d.account.platform_account_id.endswith(f"@{HOST}")
    assert d.public()[0]["url"].endswith("/doves/") == pretty


def test_a_title_shows_what_it_says(d: Drive):
    d.finish(Draft("Coo", settings={"title": "1 < 2 & <b>3</b>", "excerpt": "<i>4</i>"}))
    assert said(d)["title"] == "1 &lt; 2 &amp; &lt;b&gt;3&lt;/b&gt;"
    assert said(d)["excerpt"] == "&lt;i&gt;4&lt;/i&gt;"


def test_a_term_that_is_there_is_taken_and_one_that_is_not_is_made(simulator: Simulator):
    name, settings = "News & more", {"categories": ["news & MORE"], "tags": ["Coo <i>"]}
    first, second = drive(simulator), drive(simulator)
    first.finish(Draft("One", settings={"categories": [name]}))
    second.finish(Draft("Two", settings=settings))
    assert said(first)["categories"] == said(second)["categories"]
    assert len(said(second)["tags"]) == 1
    assert posts_asked(second).count("categories") == 0


def test_a_term_that_the_search_does_not_find_is_known_by_its_refusal(simulator: Simulator):
    first, second = drive(simulator), drive(simulator)
    settings = {"tags": ["Known"]}
    first.finish(Draft("One", settings=settings))
    second.fault(call="list_terms", status=200, body="[]", times=1)
    second.finish(Draft("Two", settings=settings))
    assert said(first)["tags"] == said(second)["tags"]


@pytest.mark.parametrize(
    ("status", "word", "kind"),
    [(401, "rest_cannot_create", Unauthorized), (400, "rest_invalid_param", Rejected)],
)
def test_a_refused_term_that_is_no_matter_of_roles_says_so(simulator, status, word, kind):
    body = json.dumps({"code": word, "message": "No."})
    draft = Draft("Coo", settings={"tags": [f"Refused {status}"]})
    error = drive(simulator).refusal(draft, "create_term", status, body)
    assert type(error) is kind
    assert "may not create" not in error.message


def test_an_author_may_make_tags_and_no_categories(simulator: Simulator):
    d = drive(simulator)
    d.set("role", "author")
    assert isinstance(d.finish(Draft("One", settings={"tags": ["Author's own"]})), Published)
    d.checkpoint = {}
    error = d.raises(Rejected, Draft("Two", settings={"categories": ["Nowhere"]}))
    assert (error.code, error.actor) == ("option_rejected", "customer")
    assert "category 'Nowhere'" in error.message
    assert len(d.public()) == 1


def test_a_user_who_may_no_longer_upload_is_told_so(simulator: Simulator):
    d = drive(simulator)
    d.set("role", "contributor")
    error = d.raises(Rejected, Draft("Look", (picture(),)))
    assert (error.code, error.actor) == ("permission_missing", "account owner")
    assert "upload" in error.message


@pytest.mark.parametrize(("role", "step"), [("contributor", "publish"), ("subscriber", "create")])
def test_a_user_who_may_no_longer_publish_must_be_reconnected(simulator, role: str, step: str):
    d = drive(simulator)
    d.set("role", role)
    error = d.raises(Unauthorized)
    assert (error.code, error.actor) == ("permission_missing", "account owner")
    assert f"rest_cannot_{step}" == error.platform_code
    assert d.public() == []


def test_files_follow_the_text_each_with_its_alt_text(d: Drive):
    files = (picture(alt_text='A "dove" [1]'), clip())
    d.finish(Draft("Look", files))
    [post] = d.public()
    assert (len(post["media"]), post["extra"]["alt"]) == (2, ['A "dove" [1]', "It coos"])
    content = said(d)["content"]
    assert content.index("wp:html") < content.index("wp:image") < content.index("wp:video")
    assert 'alt="A &quot;dove&quot; &#91;1]"' in content


def test_a_featured_image_stands_beside_the_text(d: Drive):
    d.finish(Draft("Look", (picture(), picture(640)), {"featuredImage": True}))
    told = said(d)
    assert told["featured_media"] > 1000
    assert told["content"].count("<!-- wp:image") == 1
    assert f'"id":{told["featured_media"]},' not in told["content"]


def test_a_category_is_named_by_its_number(d: Drive):
    d.finish(Draft("One", settings={"categories": ["Lofts"]}))
    number = said(d)["categories"][0]
    other = Drive(d.adapter, d.account, d.simulator)
    other.finish(Draft("Two", settings={"categories": [number]}))
    told = [post["extra"]["said"]["categories"] for post in d.public()]
    assert told == [[number], [number]]


def test_a_number_that_is_no_category_is_refused_before_anything_is_made(d: Drive):
    refusal = d.raises(Rejected, Draft("One", settings={"categories": [987654321]}))
    assert (refusal.code, refusal.message) == (
        "option_rejected",
        "The site has no category 987654321.",
    )
    assert posts_asked(d) == []


def test_files_stand_where_the_text_names_them(d: Drive):
    text = "![A](media:2)\n\nBetween\n\n![B](media:1)"
    d.finish(Draft(text, (picture(), picture(640)), {"textFormat": "markdown"}))
    content = said(d)["content"]
    assert content.count("<img src=") == 2
    assert "media:" not in content
    assert content.index("-2.jpeg") < content.index("Between") < content.index("-1.jpeg")
    assert "wp:image" not in content


@pytest.mark.parametrize("status", ["draft", "pending", "private"])
def test_a_post_may_be_kept_from_readers(d: Drive, status: str):
    draft = Draft("Hello", settings={"status": status})
    result = published(d.finish(draft))
    assert d.public() == []
    assert any("no reader" in note for note in result.notes) == (status != "private")
    assert published(d.find(draft)).id == result.id


# Lost answers


@pytest.mark.parametrize("status", ["publish", "private", "draft"])
@pytest.mark.parametrize("drop", ["after", "middle"])
def test_a_lost_answer_is_found_by_the_posts_id(d: Drive, status: str, drop: str):
    draft = Draft("Hello", settings={"status": status, "title": "Coo"})
    d.fault(call="update_post", drop=drop, times=1)
    d.raises(OutcomeUnknown, draft)
    d.requests.clear()
    found = published(d.find(draft))
    assert found.id == str(d.checkpoint["post"])
    assert len(d.requests) == 1
    assert published(d.finish(draft)).id == found.id
    assert len(d.public()) == (status == "publish")


@pytest.mark.parametrize("status", ["publish", "draft"])
def test_a_call_that_never_arrived_is_proven_absent_and_made_again(d: Drive, status: str):
    draft = Draft("Hello", settings={"status": status})
    d.fault(call="update_post", drop="before", times=1)
    d.raises(OutcomeUnknown, draft)
    assert d.find(draft) == Absent()
    first = d.checkpoint["post"]
    assert published(d.finish(draft)).id == first
    assert len(d.public()) == (status == "publish")


@pytest.mark.parametrize("drop", ["before", "after", "middle"])
def test_lost_drafts_do_not_pile_up(d: Drive, drop: str):
    d.fault(call="create_post", drop=drop, times=1)
    d.raises(Unavailable)
    d.requests.clear()
    d.finish(HELLO)
    assert posts_asked(d).count("posts") == (drop == "before")
    assert len(d.public()) == 1


@pytest.mark.parametrize("drop", ["before", "after", "middle"])
def test_lost_uploads_do_not_pile_up(d: Drive, drop: str):
    draft = Draft("Look", (picture(), picture(640)))
    d.fault(call="upload_media", drop=drop, times=1, skip=1)
    d.raises(Unavailable, draft)
    d.requests.clear()
    d.finish(draft)
    assert posts_asked(d).count("media") == (drop == "before")
    assert len(d.public()[0]["media"]) == 2


@pytest.mark.parametrize("is_stored", [True, False])
def test_a_worker_that_dies_at_any_step_publishes_once(d: Drive, *, is_stored: bool):
    draft, steps = Draft("Look", (picture(), picture(640)), TOLD), 5
    for step in range(1, steps + 1):
        d.checkpoint = {}
        before = len(d.public())
        d.crash(draft, step, is_stored=is_stored)
        d.finish(draft)
        assert len(d.public()) == before + 1


def test_a_draft_that_someone_deleted_is_made_again(d: Drive):
    d.fault(call="update_post", status=503, times=1)
    d.raises(OutcomeUnknown)
    first = d.checkpoint["post"]
    gone = json.dumps({"code": "rest_post_invalid_id", "message": "Invalid post ID."})
    d.fault(call="update_post", status=404, body=gone, times=1)
    assert d.raises(Unavailable).message.startswith("The site no longer has the draft")
    assert d.state == "answered"
    assert published(d.finish(HELLO)).id != first
    assert len(d.public()) == 1


@pytest.mark.parametrize("is_forced", [True, False])
def test_a_post_that_its_owner_deleted_is_not_published_again(d: Drive, *, is_forced: bool):
    d.set("has_trash", not is_forced)
    d.fault(call="update_post", drop="after", times=1)
    d.raises(OutcomeUnknown)
    assert d.delete(d.checkpoint["post"]) == "deleted"
    found = d.find(HELLO)
    assert isinstance(found, RefusedLater)
    assert found.error.code == "not_published"
    # A person's word makes another one.
    assert isinstance(d.finish(HELLO), Published)
    assert len(d.public()) == 1


def test_a_post_that_the_site_holds_for_a_review_is_no_success(d: Drive):
    d.set("review", True)
    error = d.raises(Rejected)
    assert (error.code, "'pending'" in error.message) == ("account_restricted", True)
    found = d.find(HELLO)
    assert isinstance(found, RefusedLater)
    assert found.error.code == "account_restricted"


def test_a_long_text_does_not_hold_the_loop(simulator: Simulator):
    d = drive(simulator)
    text = "![" * (d.adapter.limits.text_chars // 2)
    before = time.process_time()
    d.finish(Draft(text, settings={"textFormat": "markdown"}))
    assert time.process_time() - before < 20
