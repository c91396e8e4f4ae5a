"""Threads, against the simulator."""

from typing import Any

import pytest

from platforms.drafts import Credentials, Draft
from platforms.errors import (
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
    Unsupported,
)
from platforms.outcomes import Absent, CannotTell, Published, Unfinished
from platforms.threads.adapter import TOPIC_LEFT_OUT, Threads
from tests.conftest import Simulator
from tests.platforms.container_promises import (
    SHARED_PUBLISHING,
    SHARED_ROWS,
    ContainerPromises,
    Row,
    refused_creating,
    refused_publishing,
)
from tests.platforms.containers import USER, Bench, bench, film, graph_error, photo, photos
from tests.platforms.driver import image, media

CHAIN = Draft("One", settings={"thread": ["Two", "Three"]})


@pytest.fixture
def b(simulator: Simulator) -> Bench:
    return bench(simulator, Threads())


class TestPromises(ContainerPromises):
    state_field = "status"
    not_ready = graph_error(24, 4279009)


def texts(b: Bench) -> list[str]:
    return [post["text"] for post in reversed(b.public())]


def is_one_chain(b: Bench) -> bool:
    """Whether each post replies to the one before it."""
    posts = b.public()[::-1]
    parents = [post["extra"]["replied_to"] for post in posts]
    return parents == ["", *(post["id"] for post in posts[:-1])]


# Kinds of post


def test_a_text_is_public_after_one_call(b: Bench):
    result = b.drive.publish(Draft("Just words"))
    (post,) = b.public()
    assert result == Published(id=post["id"], url=post["url"])
    assert post["text"] == "Just words"


def test_a_post_carries_its_options(b: Bench):
    settings = {
        "linkAttachment": "https://example.com/",
        "topicTag": "pigeons",
        "replyControl": "mentioned_only",
    }
    b.drive.finish(Draft("Hello", settings=settings))
    assert b.public()[0]["extra"] == {
        "media_type": "TEXT_POST",
        "kind": "",
        "alt": [],
        "topic_tag": "pigeons",
        "replied_to": "",
        "link": "https://example.com/",
        "reply_control": "mentioned_only",
    }


def test_images_and_videos_have_alt_texts(b: Bench):
    items = (photo("A dove"), film(alt_text="It flies"))
    b.drive.finish(Draft("Hello", items, settings={"altText": "A pigeon"}))
    assert b.public()[0]["extra"]["alt"] == ["A pigeon", "It flies"]


def test_a_png_is_taken(b: Bench):
    b.drive.finish(Draft("Hello", (media(image()),)))
    assert len(b.public()) == 1


def test_a_topic_that_is_not_permitted_is_left_out_and_noted(b: Bench):
    b.set("forbidden_topic", "bad")
    result = b.drive.finish(Draft("Hello", settings={"topicTag": "bad"}))
    (post,) = b.public()
    assert result == Published(post["id"], post["url"], (TOPIC_LEFT_OUT,))
    assert post["extra"]["topic_tag"] == ""


def test_a_note_outlives_a_lost_answer(b: Bench):
    draft = Draft("Hello", settings={"topicTag": "bad"})
    b.set("forbidden_topic", "bad")
    b.lose(draft)
    found = b.drive.find(draft)
    assert isinstance(found, Published)
    assert found.notes == (TOPIC_LEFT_OUT,)


# Chains


def test_a_chain_is_published_part_by_part(b: Bench):
    result = b.drive.finish(CHAIN)
    posts = b.public()[::-1]
    assert result == Published(posts[0]["id"], posts[0]["url"])
    assert (texts(b), is_one_chain(b), b.drive.sends) == (["One", "Two", "Three"], True, 3)


def test_a_chain_begins_with_files(b: Bench):
    b.drive.finish(photos(2, settings={"thread": ["More"]}))
    assert (texts(b), is_one_chain(b)) == (["Hello", "More"], True)


@pytest.mark.parametrize("skip", range(3))
def test_a_lost_answer_in_a_chain_is_found_and_the_rest_follows(b: Bench, skip: int):
    b.lose(CHAIN, skip=skip)
    found = b.drive.find(CHAIN)
    assert isinstance(found, Published if skip == 2 else Unfinished)
    result = b.drive.finish(CHAIN)
    assert isinstance(result, Published)
    assert (texts(b), is_one_chain(b), b.drive.sends) == (["One", "Two", "Three"], True, 3)
    assert result.id == b.public()[-1]["id"]


@pytest.mark.parametrize("skip", range(3))
def test_a_lost_request_in_a_chain_is_sent_again_when_it_is_absent(b: Bench, skip: int):
    b.lose(CHAIN, "before", skip=skip)
    assert b.drive.find(CHAIN) == Absent(proven=False)
    assert b.find_later(CHAIN, 200) == Absent(proven=True)
    b.drive.finish(CHAIN)
    assert (texts(b), is_one_chain(b)) == (["One", "Two", "Three"], True)


@pytest.mark.parametrize("is_stored", [True, False])
@pytest.mark.parametrize("step", range(1, 10))
def test_a_crash_at_any_step_of_a_chain_makes_one_chain(b: Bench, step: int, is_stored: bool):
    b.crash(CHAIN, step, is_stored=is_stored)
    result = b.recover(CHAIN)
    assert (texts(b), is_one_chain(b)) == (["One", "Two", "Three"], True)
    assert result.id == b.public()[-1]["id"]


@pytest.mark.parametrize("call", ["create_container", "read", "quota", "publish"])
@pytest.mark.parametrize("skip", range(3))
def test_a_token_that_ends_within_a_chain_is_replaced(b: Bench, call: str, skip: int):
    b.fault(call=call, status=401, body=graph_error(190, 463), times=1, skip=skip)
    assert type(b.fails(CHAIN)) is Unauthorized
    b.new_token()
    b.drive.finish(CHAIN)
    assert (texts(b), is_one_chain(b)) == (["One", "Two", "Three"], True)


def test_a_part_that_is_refused_tells_what_is_public(b: Bench):
    b.fault(call="create_container", status=400, body=graph_error(100), times=1, skip=1)
    error = b.fails(CHAIN)
    assert type(error) is Rejected
    assert error.message.startswith("1 of 3 posts of the chain are public.")
    b.drive.finish(CHAIN)
    assert (texts(b), is_one_chain(b)) == (["One", "Two", "Three"], True)


def test_replies_have_a_limit_of_their_own(b: Bench):
    b.set("reply_quota", 1)
    error = b.fails(CHAIN)
    assert (type(error), error.code) == (RateLimited, "daily_limit_reached")
    assert (texts(b), b.drive.sends) == (["One", "Two"], 2)


BASIC = ("threads_basic", "threads_content_publish")


def grant(b: Bench, *scopes: str) -> None:
    """The account's token from now on allows no more than this."""
    extra = {"scopes": [*BASIC, *scopes]}
    token = b.simulator.connect("threads", USER, username="acme", extra=extra)
    b.drive.account = Credentials(USER, "acme", token)


@pytest.mark.parametrize("draft", [Draft("Hello"), photos(), CHAIN])
def test_posts_and_chains_need_no_permission_about_replies(b: Bench, draft: Draft):
    grant(b)
    assert isinstance(b.drive.finish(draft), Published)
    assert is_one_chain(b)


def test_only_a_reply_asks_for_the_quota_of_replies(b: Bench):
    b.drive.finish(CHAIN)
    asked = [query["fields"] for path, query in b.drive.queries if "limit" in path]
    assert asked == ["quota_usage,config", *["reply_quota_usage,reply_config"] * 2]


@pytest.mark.parametrize("status", [400, 403, 500])
def test_a_quota_that_may_not_be_read_stops_nothing(b: Bench, status: int):
    b.fault(call="quota", status=status, body=graph_error(10))
    assert isinstance(b.drive.finish(CHAIN), Published)


def test_a_dead_token_at_the_quota_is_still_a_dead_token(b: Bench):
    b.fault(call="quota", status=401, body=graph_error(190, 463), times=1)
    assert type(b.fails(Draft("Hello"))) is Unauthorized


def test_a_reply_that_no_list_may_show_is_published_by_its_container(b: Bench):
    grant(b)
    b.lose(CHAIN, skip=2)
    container = b.drive.checkpoint["container"]
    first = b.drive.checkpoint["posts"][0]
    found = b.drive.find(CHAIN)
    assert (type(found), found.id) == (Published, first)
    assert b.drive.checkpoint["posts"][-1] == container
    assert (texts(b), b.drive.sends) == (["One", "Two", "Three"], 3)


def test_a_part_that_no_list_may_show_ends_the_chain(b: Bench):
    """The next part would have to name its id, which only the list of replies tells."""
    grant(b)
    b.lose(CHAIN, skip=1)
    assert b.drive.find(CHAIN) == CannotTell()


@pytest.mark.parametrize("lag_seconds", [0, 3600])
def test_a_reply_that_no_list_may_show_is_never_sent_again_unproven(b: Bench, lag_seconds: int):
    grant(b)
    b.set("publish_twice", "again")
    b.set("published_lag_seconds", lag_seconds)
    b.lose(CHAIN, "after" if lag_seconds else "before", skip=1)
    public = texts(b)
    assert b.find_later(CHAIN, 200) == Absent(proven=False)
    assert type(b.fails(CHAIN)) is OutcomeUnknown
    assert texts(b) == public


def test_a_part_without_a_known_id_ends_the_chain(b: Bench):
    b.set("listing_lag_seconds", 3600)
    b.lose(CHAIN)
    assert b.find_later(CHAIN, 1000) == CannotTell()
    assert texts(b) == ["One"]


def test_a_part_is_not_taken_for_a_reply_elsewhere(b: Bench):
    b.drive.finish(Draft("Zero", settings={"thread": ["Two"]}))
    b.drive.checkpoint = {}
    b.lose(CHAIN, skip=1)
    assert b.drive.find(CHAIN) == Unfinished(b.drive.checkpoint["posts"][0])
    b.drive.finish(CHAIN)
    assert texts(b) == ["Zero", "Two", "One", "Two", "Three"]


# Text


@pytest.mark.parametrize("text", ["A #topic here #second", "Two\n\nlines  of #words", "Cafe\u0301"])
def test_a_text_that_threads_rewrote_is_recognised(b: Bench, text: str):
    b.lose(Draft(text))
    (post,) = b.public()
    assert b.drive.find(Draft(text)) == Published(id=post["id"], url=post["url"])


def test_an_emoji_counts_as_its_bytes():
    assert Threads().text_length("ab\u00e9") == 3
    assert Threads().text_length("\U0001f600") == 4


SIX_LINKS = " ".join(f"https://example.com/{n}" for n in range(6))


BARE = " ".join(f"www.example{n}.com" for n in range(6))


@pytest.mark.parametrize("text", [BARE, BARE.replace("www.", "WWW."), f"({BARE}), and more"])
def test_a_bare_www_address_counts_as_a_link(b: Bench, text: str):
    with pytest.raises(Unsupported, match="up to 5 links"):
        Threads().check(Draft(text))
    answer = ask(b, "me/threads", media_type="TEXT", text=text)
    assert answer["error"]["code"] == "THREADS_API__LINK_LIMIT_EXCEEDED"


@pytest.mark.parametrize(
    "text",
    [
        # The same address counts once; the punctuation after it does not matter.
        " ".join(["www.example.com", "www.example.com.", "(www.example.com)", *["x"] * 9]),
        "www.a.com https://www.b.com/www.c.com ada@www.d.com awww.e.com www. www.f.com www.g.com",
        BARE.rpartition(" ")[0],
    ],
)
def test_what_is_no_further_link_does_not_count(b: Bench, text: str):
    Threads().check(Draft(text))
    assert "id" in ask(b, "me/threads", media_type="TEXT", text=text)


def test_a_card_whose_address_stands_in_the_text_counts_once(b: Bench):
    five = BARE.rpartition(" ")[0]
    again = Draft(five, settings={"linkAttachment": "https://example.com/"})
    with pytest.raises(Unsupported, match="up to 5 links"):
        Threads().check(again)
    four = f"{five.rpartition(' ')[0]} https://example.com/"
    Threads().check(Draft(four, settings={"linkAttachment": "https://example.com/"}))


@pytest.mark.parametrize(
    "draft",
    [
        Draft(""),
        Draft("x" * 501),
        Draft("\U0001f600" * 126),
        Draft(SIX_LINKS),
        Draft(SIX_LINKS[:-22], settings={"linkAttachment": "https://example.com/x"}),
        Draft("Hello", settings={"thread": ["x" * 501]}),
        Draft("Hello", settings={"thread": ["\U0001f600" * 126]}),
        Draft("Hello", settings={"thread": [SIX_LINKS]}),
        Draft("Hello", settings={"thread": ["x"] * 26}),
        Draft("Hello", settings={"thread": [""]}),
        Draft("Hello", settings={"topicTag": "a.b"}),
        Draft("Hello", settings={"topicTag": "a&b"}),
        Draft("Hello", settings={"topicTag": "x" * 51}),
        Draft("Hello", settings={"replyControl": "nobody"}),
        Draft("Hello", settings={"linkAttachment": "example.com"}),
        Draft("Hello", settings={"altText": "Nothing to see"}),
        photos(settings={"linkAttachment": "https://example.com/"}),
        Draft("Hello", (film(duration_seconds=301),)),
        photos(21),
        photos(post_type="Story"),
    ],
)
def test_what_threads_cannot_carry_is_unsupported(b: Bench, draft: Draft):
    with pytest.raises(Unsupported):
        b.drive.publish(draft)
    assert b.drive.saves == []


def test_five_links_and_twenty_files_are_taken(b: Bench):
    five = SIX_LINKS[:-22]
    b.drive.finish(Draft(five, settings={"linkAttachment": "https://example.com/0"}))
    b.drive.checkpoint = {}
    b.drive.finish(photos(20))
    assert len(b.public()[0]["media"]) == 20


# Refusals

ROWS: list[Row] = [
    (400, graph_error(24, 4279009), Unavailable, "platform_unavailable"),
    (400, graph_error(24), Unavailable, "platform_unavailable"),
    (400, graph_error(100, 4279004), Unavailable, "platform_unavailable"),
    (400, graph_error(100, 4279071), Rejected, "option_rejected"),
    (400, graph_error(100, 4279013), Unauthorized, "account_restricted"),
    (400, graph_error(1, 2207052), Unavailable, "media_unreachable"),
    (400, graph_error("THREADS_API__LINK_LIMIT_EXCEEDED"), Rejected, "content_rejected"),
    (
        400,
        graph_error("THREADS_API__GEO_GATING_INVALID_COUNTRY_CODES"),
        Rejected,
        "option_rejected",
    ),
    (400, graph_error("THREADS_API__FEATURE_NOT_AVAILABLE"), Rejected, "option_rejected"),
    (
        400,
        graph_error(100, message="Param text must be at most 500 characters long."),
        Rejected,
        "text_too_long",
    ),
    (400, graph_error(80014), RateLimited, "rate_limited"),
]
PUBLISHING: list[Row] = [
    (400, graph_error(24, 4279009), Unavailable, "media_processing_failed"),
    (400, graph_error(24), Unavailable, "media_processing_failed"),
    (400, graph_error(100, 4279013), Unauthorized, "account_restricted"),
]


@pytest.mark.parametrize("row", [*SHARED_ROWS, *ROWS])
def test_a_refusal_to_make_a_container_has_its_word(b: Bench, row: Row):
    refused_creating(b, row)


@pytest.mark.parametrize("row", [*SHARED_PUBLISHING, *PUBLISHING])
def test_a_refusal_to_publish_has_its_word(b: Bench, row: Row):
    refused_publishing(b, row)


@pytest.mark.parametrize(
    ("reason", "error", "code"),
    [
        ("FAILED_DOWNLOADING_VIDEO", Unavailable, "media_unreachable"),
        ("FAILED_PROCESSING_VIDEO", Unavailable, "media_processing_failed"),
        ("FAILED_PROCESSING_AUDIO", Unavailable, "media_processing_failed"),
        ("UNKNOWN", Unavailable, "media_processing_failed"),
        ("INVALID_ASPEC_RATIO", Rejected, "media_rejected"),
        ("INVALID_BIT_RATE", Rejected, "media_rejected"),
        ("INVALID_DURATION", Rejected, "media_rejected"),
        ("INVALID_FRAME_RATE", Rejected, "media_rejected"),
        ("INVALID_AUDIO_CHANNELS", Rejected, "media_rejected"),
        ("INVALID_AUDIO_CHANNEL_LAYOUT", Rejected, "media_rejected"),
    ],
)
@pytest.mark.parametrize("items", [1, 2])
def test_a_container_that_failed_says_why(
    b: Bench, reason: str, error: type[PlatformError], code: str, items: int
):
    b.set("processing_fails", reason)
    found = b.fails(photos(items))
    assert (type(found), found.code, found.platform_code) == (error, code, reason)
    assert not {"container", "children"} & b.drive.checkpoint.keys()


@pytest.mark.parametrize("twice", ["refuse", "bad", "same", "again"])
def test_whatever_a_second_publish_does_there_is_one_post(b: Bench, twice: str):
    b.set("publish_twice", twice)
    b.lose(photos())
    for seconds in (15, 60, 300):
        assert isinstance(b.find_later(photos(), seconds), Published)
    assert isinstance(b.drive.finish(photos()), Published)
    assert len(b.public()) == 1


@pytest.mark.parametrize("twice", ["refuse", "bad", "same"])
def test_a_second_publish_that_was_not_known_to_be_one_is_not_believed(b: Bench, twice: str):
    """Neither the container nor the list shows the first one yet."""
    b.set("publish_twice", twice)
    b.set("published_lag_seconds", 3600)
    b.set("listing_lag_seconds", 3600)
    b.lose(photos())
    assert b.find_later(photos(), 200) == Absent(proven=True)
    if twice == "same":
        assert isinstance(b.drive.finish(photos()), Published)
    else:
        assert type(b.fails(photos())) is OutcomeUnknown
    assert len(b.public()) == 1


# The simulator's own strictness


def ask(b: Bench, path: str, **body: Any) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {b.drive.account.token}"}
    url = f"/graph.threads.net/v1.0/{path}"
    return b.simulator.http.post(url, headers=headers, json=body).json()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"media_type": "TEXT"}, 100),
        ({"media_type": "AUDIO"}, 100),
        ({"media_type": "TEXT", "text": "x" * 501}, 100),
        ({"media_type": "TEXT", "text": "x", "colour": "red"}, 100),
        ({"media_type": "IMAGE", "image_url": "x", "link_attachment": "https://a"}, 100),
        ({"media_type": "TEXT", "text": SIX_LINKS}, "THREADS_API__LINK_LIMIT_EXCEEDED"),
        ({"media_type": "TEXT", "text": "x", "topic_tag": "a.b"}, 100),
        ({"media_type": "TEXT", "text": "x", "reply_control": "nobody"}, 100),
        ({"media_type": "TEXT", "text": "x", "reply_to_id": "1"}, 24),
        ({"media_type": "CAROUSEL", "children": "1,2"}, 100),
        ({"media_type": "IMAGE", "image_url": "http://127.0.0.1:9/none"}, 9004),
        ({"media_type": "IMAGE", "image_url": "x", "alt_text": "x" * 1001}, 100),
    ],
)
def test_the_simulator_refuses_what_threads_refuses(b: Bench, body: Any, code: int | str):
    assert ask(b, "me/threads", **body)["error"]["code"] == code


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("me/threads_publishing_limit?fields=quota_usage,config", ""),
        ("me/threads_publishing_limit?fields=reply_quota_usage", "threads_manage_replies"),
        ("me/threads_publishing_limit?fields=config,reply_config", "threads_manage_replies"),
        ("me/threads?fields=id", ""),
        ("me/replies?fields=id", "threads_read_replies"),
    ],
)
def test_the_simulator_wants_the_scopes_that_threads_wants(b: Bench, path: str, scope: str):
    def status() -> int:
        headers = {"Authorization": f"Bearer {b.drive.account.token}"}
        url = f"/graph.threads.net/v1.0/{path}"
        return b.simulator.http.get(url, headers=headers).status_code

    grant(b)
    assert status() == (403 if scope else 200)
    grant(b, scope)
    assert status() == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("me", 200),
        ("me/threads", 200),
        (f"{USER}/threads", 200),
        ("me/threads_publishing_limit", 200),
        ("v1.0/me", 200),
        ("v2.0/me", 400),
        ("v2.0/me/threads", 400),
    ],
)
def test_the_simulator_takes_paths_without_a_version(b: Bench, path: str, status: int):
    headers = {"Authorization": f"Bearer {b.drive.account.token}"}
    answer = b.simulator.http.get(f"/graph.threads.net/{path}", headers=headers)
    assert answer.status_code == status


def test_a_post_is_made_and_read_without_a_version(b: Bench):
    http, headers = b.simulator.http, {"Authorization": f"Bearer {b.drive.account.token}"}
    host = "/graph.threads.net"
    body = {"media_type": "TEXT", "text": "Hello"}
    made = http.post(f"{host}/me/threads", headers=headers, json=body).json()["id"]
    form = {"creation_id": made}
    posted = http.post(f"{host}/me/threads_publish", headers=headers, json=form).json()["id"]
    assert http.get(f"{host}/{posted}?fields=text", headers=headers).json()["text"] == "Hello"


def test_a_carousel_item_is_not_published_alone(b: Bench):
    item = {"media_type": "IMAGE", "image_url": photo().url, "is_carousel_item": True}
    made = ask(b, "me/threads", **item)["id"]
    assert ask(b, "me/threads_publish", creation_id=made)["error"]["code"] == 100
    assert b.public() == []


def test_a_container_tells_its_state_only_and_a_post_has_none(b: Bench):
    made = ask(b, "me/threads", media_type="TEXT", text="Hello")["id"]
    posted = ask(b, "me/threads_publish", creation_id=made)["id"]
    headers = {"Authorization": f"Bearer {b.drive.account.token}"}
    for object_id, field in ((made, "permalink"), (posted, "status")):
        url = f"/graph.threads.net/v1.0/{object_id}?fields={field}"
        error = b.simulator.http.get(url, headers=headers).json()["error"]
        assert (error["code"], error["type"]) == (100, "THApiException")


def test_another_profiles_container_does_not_exist(b: Bench):
    made = ask(b, "me/threads", media_type="TEXT", text="Hello")["id"]
    other = b.simulator.connect("threads", "17841400000000002")
    b.drive.account = Credentials("17841400000000002", "other", other)
    error = ask(b, "me/threads_publish", creation_id=made)["error"]
    assert error["error_subcode"] == 4279009


def test_a_post_can_be_deleted_by_its_owner(b: Bench):
    result = b.drive.finish(Draft("Hello"))
    assert isinstance(result, Published)
    headers = {"Authorization": f"Bearer {b.drive.account.token}"}
    url = f"/graph.threads.net/v1.0/{result.id}"
    answer = b.simulator.http.delete(url, headers=headers).json()
    assert (answer, b.public()) == ({"success": True, "deleted_id": result.id}, [])
    assert b.simulator.http.delete(url, headers=headers).status_code == 400
