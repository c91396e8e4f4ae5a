"""Publish on Bluesky: one write for a post or a whole thread, by keys that were chosen before."""

import dataclasses
from typing import Any

import pytest

from platforms.bluesky import errors, records
from platforms.drafts import Draft
from platforms.errors import OutcomeUnknown, RateLimited, Rejected, Unauthorized, Unavailable
from platforms.http.client import Answer
from platforms.outcomes import Absent, Published
from tests.conftest import Simulator
from tests.platforms.bluesky.account import drive as connected
from tests.platforms.bluesky.account import record
from tests.platforms.driver import Drive, image, media, published, video

HELLO = Draft("Hello")
WRITES = "POST /bsky.social/xrpc/com.atproto.repo.applyWrites"


@pytest.fixture
def drive(simulator: Simulator) -> Drive:
    return connected(simulator)


def pictures(count: int) -> tuple:
    picture = image(format="JPEG")
    return tuple(
        media(
            picture + bytes(n),
            content_type="image/jpeg",
            alt_text=f"Dove {n}",
            width=320,
            height=200,
        )
        for n in range(count)
    )


def test_a_post_has_the_link_of_its_account_and_its_key(drive: Drive):
    result = published(drive.publish(HELLO))
    assert (
        result.url
        == f"https://bsky.app/profile/{drive.account.platform_account_id}/post/{result.id}"
    )
    assert drive.adapter.post_id(result.url) == result.id
    assert (
        drive.adapter.post_id(f"https://bsky.app/profile/a.example/post/{result.id}") == result.id
    )


def test_the_key_is_durable_before_the_call_and_stays_for_the_next_try(drive: Drive):
    drive.fault(call="apply_writes", status=400, times=1)
    drive.raises(Rejected)
    [save] = [save for save in drive.saves if save.sending]
    key = save.values["rkeys"][0]
    assert published(drive.publish(HELLO)).id == key


def test_an_edit_that_adds_parts_keeps_the_keys_that_were_sent(drive: Drive):
    drive.fault(call="apply_writes", status=400, times=1)
    drive.raises(Rejected)
    [first] = drive.checkpoint["rkeys"]

    published(drive.publish(Draft("Hello", settings={"thread": ["More"]})))

    parts = drive.adapter.public_parts(drive.checkpoint)
    assert (parts[0], len(parts), len(set(parts))) == (first, 2, 2)


def test_a_second_send_of_the_same_key_is_no_second_post(drive: Drive):
    drive.fault(call="apply_writes", drop="after", times=1)
    drive.raises(OutcomeUnknown)
    # As if a lookup had called it absent by mistake: the server itself refuses the key.
    drive.raises(OutcomeUnknown)
    assert len(drive.public()) == 1
    assert isinstance(drive.find(HELLO), Published)


def test_a_lookup_needs_no_token(drive: Drive):
    drive.fault(call="apply_writes", drop="before", times=1)
    drive.raises(OutcomeUnknown)
    drive.account = dataclasses.replace(drive.account, token="ended")
    assert drive.find(HELLO) == Absent(proven=True)


def test_a_lookup_at_an_account_that_is_away_proves_nothing(drive: Drive):
    """Its server hides the records of an account that is deactivated, blocked or elsewhere."""
    post_id = published(drive.publish(HELLO)).id
    drive.set("status", "deactivated")
    for ask in (lambda: drive.find(HELLO), lambda: drive.delete(post_id)):
        with pytest.raises(Unauthorized) as caught:
            ask()
        assert "deactivated" in caught.value.message


def test_a_thread_is_public_at_once_or_not_at_all(drive: Drive):
    draft = Draft("One", settings={"thread": ["Two", "Three"]})
    result = published(drive.publish(draft))
    assert drive.requests == [WRITES]
    third, second, first = (record(drive, at) for at in range(3))
    parts = drive.adapter.public_parts(drive.checkpoint)
    did = drive.account.platform_account_id
    assert [first["text"], second["text"], third["text"]] == ["One", "Two", "Three"]
    assert "reply" not in first
    uris = [f"at://{did}/app.bsky.feed.post/{key}" for key in parts]
    assert second["reply"]["root"] == second["reply"]["parent"]
    assert [third["reply"][name]["uri"] for name in ("root", "parent")] == uris[:2]
    assert parts[0] == result.id


def test_a_thread_of_which_the_server_refuses_a_part_leaves_nothing_behind(drive: Drive):
    drive.set("password", "x")
    draft = Draft("One", settings={"thread": ["Two"], "languages": ["zz"]})
    drive.raises(Rejected, draft)
    assert drive.public() == []


@pytest.mark.parametrize(
    ("count", "kind"), [(1, "images"), (4, "images"), (5, "gallery"), (10, "gallery")]
)
def test_pictures_keep_their_order_alt_texts_and_shapes(drive: Drive, count: int, kind: str):
    draft = Draft("Look", pictures(count))
    drive.adapter.check(draft)
    published(drive.finish(draft))
    embed = record(drive)["embed"]
    shown = embed["images" if kind == "images" else "items"]
    assert embed["$type"] == f"app.bsky.embed.{kind}"
    assert [each["alt"] for each in shown] == [f"Dove {n}" for n in range(count)]
    assert {tuple(each["aspectRatio"].values()) for each in shown} == {(320, 200)}
    assert len(drive.public()[0]["media"]) == count


def test_files_are_uploaded_once_even_if_the_worker_dies(drive: Drive):
    draft = Draft("Look", pictures(2))
    drive.crash(draft, 2)
    published(drive.finish(draft))
    assert sum("uploadBlob" in request for request in drive.requests) == 2


def test_files_that_the_server_has_dropped_are_uploaded_again(drive: Drive):
    draft = Draft("Look", pictures(1))
    body = '{"error": "BlobNotFound", "message": "Could not find blob: bafy"}'
    drive.fault(call="apply_writes", status=400, body=body, times=1)
    drive.raises(Unavailable, draft)
    published(drive.finish(draft))
    assert sum("uploadBlob" in request for request in drive.requests) == 2


def test_a_video_is_encoded_by_the_service_and_only_then_published(drive: Drive):
    clip = media(video(), "video", alt_text="A dove", width=64, height=64)
    published(drive.finish(Draft("Look", (clip,))))
    embed = record(drive)["embed"]
    assert (embed["$type"], embed["alt"]) == ("app.bsky.embed.video", "A dove")
    assert sum("uploadVideo" in request for request in drive.requests) == 1
    assert drive.requests[-1] == WRITES


@pytest.mark.parametrize(
    ("failure", "error", "code"),
    [
        ("encoding_failure", Rejected, "media_rejected"),
        ("generic_failure", Unavailable, "media_processing_failed"),
    ],
)
def test_a_video_that_cannot_be_encoded_says_whose_turn_it_is(drive, failure, error, code):
    drive.set("video_fails", failure)
    raised = drive.fails(Draft("Look", (media(kind="video"),)))
    assert (type(raised), raised.code, raised.platform_code) == (error, code, failure)
    assert drive.public() == []
    assert drive.checkpoint["job"] is None


def test_a_post_says_its_languages_labels_and_who_may_answer(drive: Drive):
    settings = {
        "languages": ["en", "pt-BR"],
        "labels": ["nudity"],
        "replyControl": "mentioned",
        "allowQuotes": False,
    }
    drive.adapter.check(Draft("Hello", settings=settings))
    published(drive.publish(Draft("Hello", settings=settings)))
    kept = record(drive)
    assert kept["langs"] == ["en", "pt-BR"]
    assert kept["labels"]["values"] == [{"val": "nudity"}]
    assert len(drive.requests) == 1


def test_who_may_reply_and_quote_is_written_as_the_network_reads_it():
    """Servers keep fields of gates that no lexicon knows, and no app reads them."""
    draft = Draft("Hello", settings={"replyControl": "following", "allowQuotes": False})
    _, threadgate, postgate = (
        each["value"]
        for each in records.writes(
            draft, "did:plc:a", ["3k"], "2026-11-30T12:00:00.000Z", None, records.Referenced()
        )
    )
    assert threadgate["allow"] == [{"$type": "app.bsky.feed.threadgate#followingRule"}]
    assert postgate["embeddingRules"] == [{"$type": "app.bsky.feed.postgate#disableRule"}]


def test_mentions_are_resolved_and_unknown_ones_stay_plain(simulator: Simulator, drive: Drive):
    other = connected(simulator, "dora.example.org").account
    result = published(drive.publish(Draft("Hi @dora.example.org and @no-one.example.org")))
    assert result.notes == ("Not linked, because Bluesky does not know them: @no-one.example.org.",)
    [facet] = record(drive)["facets"]
    assert facet["features"][0]["did"] == simulator_did(simulator, "dora.example.org", other)


def simulator_did(simulator: Simulator, handle: str, newest: Any) -> str:
    """The DID of a handle at the network: accounts of other tests may have the same handle."""
    accounts = simulator.http.get("/control/accounts").json()["accounts"]
    found = {each["id"] for each in accounts if each["username"] == handle}
    assert newest.platform_account_id in found
    return found.pop() if len(found) == 1 else newest.platform_account_id


def test_a_quote_and_a_reply_name_the_posts_they_are_about(simulator: Simulator, drive: Drive):
    other = connected(simulator)
    first = published(other.publish(Draft("One", settings={"thread": ["Two"]})))
    second = other.adapter.public_parts(other.checkpoint)[1]
    answer = Draft("Yes", settings={"replyTo": first.url.replace(first.id, second)})
    published(drive.publish(answer))
    reply = record(drive)["reply"]
    assert (reply["root"]["uri"].endswith(first.id), reply["parent"]["uri"].endswith(second)) == (
        True,
        True,
    )

    drive.checkpoint = {}
    published(drive.finish(Draft("Look", pictures(1), {"quote": first.url})))
    embed = record(drive)["embed"]
    assert embed["$type"] == "app.bsky.embed.recordWithMedia"
    assert embed["record"]["record"]["uri"].endswith(first.id)


def test_a_quoted_post_that_does_not_exist_is_the_customers_matter(drive: Drive):
    gone = f"https://bsky.app/profile/{drive.account.platform_account_id}/post/3l6oveex3ii2l"
    error = drive.raises(Rejected, Draft("Look", settings={"quote": gone}))
    assert (error.code, drive.state) == ("target_missing", "unsent")


def test_a_video_that_the_service_refuses_is_not_the_accounts_fault(drive: Drive):
    drive.fault(call="upload_video", status=401, body='{"message": "Verify your email"}')
    error = drive.fails(Draft("Look", (media(kind="video"),)))
    assert (type(error), error.code) == (Rejected, "media_rejected")
    assert "Verify your email" in error.message


@pytest.mark.parametrize(
    ("status", "error", "kind", "code"),
    [
        (400, "ExpiredToken", Unauthorized, "account_needs_reconnection"),
        (401, "AccountTakedown", Unauthorized, "account_restricted"),
        (401, "AccountDeactivated", Unauthorized, "account_needs_reconnection"),
        (403, "AccountNotFound", Unauthorized, "account_needs_reconnection"),
        (413, "PayloadTooLarge", Rejected, "media_rejected"),
        (400, "InvalidSize", Rejected, "media_rejected"),
        (302, "", Unavailable, "address_refused"),
    ],
)
def test_a_refusal_says_who_must_act(drive: Drive, status: int, error: str, kind: type, code: str):
    body = f'{{"error": "{error}", "message": "No"}}'
    raised = drive.refusal(HELLO, "apply_writes", status, body)
    assert (type(raised), raised.code) == (kind, code)
    assert drive.public() == []


def test_a_key_that_spells_something_is_chosen_anew(drive: Drive):
    body = '{"error": "InvalidRequest", "message": "Unacceptable slur in record key"}'
    drive.fault(call="apply_writes", status=400, body=body, times=1)
    drive.raises(Unavailable)
    first = drive.saves[0].values["rkeys"]
    assert [published(drive.publish(HELLO)).id] != first


def test_a_limit_of_the_day_says_so():
    headers = {"ratelimit-policy": "11667;w=86400", "ratelimit-reset": "99999999999"}
    error = errors.explain(Answer(429, headers, b"{}"))
    assert (type(error), error.code) == (RateLimited, "daily_limit_reached")
    hourly = errors.explain(Answer(429, {"ratelimit-policy": "1666;w=3600"}, b"{}"))
    assert (hourly.code, hourly.retry_after_seconds) == ("rate_limited", None)


def test_a_text_that_the_server_finds_too_long_says_so(drive: Drive):
    error = drive.raises(Rejected, Draft("a" * 301))
    assert error.code == "text_too_long"
