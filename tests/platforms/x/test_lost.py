"""What became of a post whose answer was lost."""

from datetime import UTC, datetime, timedelta

import pytest

from platforms import clock
from platforms.drafts import Draft
from platforms.errors import OutcomeUnknown, RateLimited, Rejected, Unavailable
from platforms.outcomes import Absent, Published, Undeterminable
from platforms.x import lookup
from tests.platforms.driver import Drive, image, media

#: A post sent then had enough time to be listed.
LONG_AGO = datetime.now(UTC) - timedelta(seconds=301)


# Lost answers


@pytest.mark.parametrize(
    "draft",
    [
        Draft("Fish & chips <3 at https://example.com/menu now"),
        Draft("example.com"),
        Draft("Look", (media(),)),
        Draft("", (media(),)),
    ],
)
def test_a_post_whose_answer_was_lost_is_found(drive: Drive, draft: Draft):
    drive.fault(call="create_post", drop="after", times=1)
    assert type(drive.fails(draft)) is OutcomeUnknown
    assert drive.state == "sent"
    [post] = drive.public()
    found = drive.find(draft)
    assert found == Published(post["id"], f"https://x.com/acme/status/{post['id']}")
    assert len(drive.public()) == 1


def test_a_post_that_never_arrived_is_not_seen_and_not_proven_absent(drive: Drive):
    drive.fault(call="create_post", drop="before", times=1)
    assert type(drive.fails()) is OutcomeUnknown
    assert drive.find(Draft("Hello")) == Absent(proven=False)


def test_what_five_minutes_do_not_show_was_never_posted_and_is_sent_again_once(drive: Drive):
    sent_at = datetime.now(UTC) - timedelta(seconds=301)
    assert drive.find(Draft("Hello"), sent_at) == Absent(proven=True)
    drive.checkpoint = {"sent_again": True}
    # The second one is given the same time to be listed.
    assert drive.find(Draft("Hello")) == Absent(proven=False)
    assert drive.find(Draft("Hello"), sent_at) == Undeterminable("https://x.com/acme")


def test_the_same_text_posted_at_another_time_is_not_ours(drive: Drive):
    drive.publish(Draft("Hello"))
    drive.checkpoint = {}
    later = datetime.now(UTC) + timedelta(seconds=90)
    earlier = datetime.now(UTC) - timedelta(seconds=200)
    assert drive.find(Draft("Hello"), later) == Absent(proven=False)
    assert drive.find(Draft("Hello"), earlier) == Absent(proven=False)
    assert isinstance(drive.find(Draft("Hello"), datetime.now(UTC)), Published)


def test_a_part_is_looked_for_behind_the_parts_before_it():
    sent_ms = int(datetime.now(UTC).timestamp() * 1000)
    before, behind = str(lookup.snowflake(sent_ms - 90_000)), str(lookup.snowflake(sent_ms))
    assert lookup.listing_window(sent_ms, sent_ms, behind=behind)["since_id"] == behind
    assert int(lookup.listing_window(sent_ms, sent_ms, behind=before)["since_id"]) > int(before)


def test_another_text_is_not_ours(drive: Drive):
    drive.publish(Draft("Hello there"))
    assert drive.find(Draft("Hello")) == Absent(proven=False)


def test_an_old_post_is_found_below_a_page_of_newer_ones_and_not_below_any_number(
    drive: Drive, monkeypatch: pytest.MonkeyPatch
):
    first = drive.publish(Draft("The first"))
    sent_at = drive.sent_at
    headers = {"Authorization": f"Bearer {drive.account.token}"}
    for number in range(105):
        body = {"text": f"Number {number}"}
        drive.simulator.http.post("/api.x.com/2/tweets", json=body, headers=headers)
    assert drive.find(Draft("The first"), sent_at) == first
    monkeypatch.setattr(lookup, "PAGES", 1)
    assert drive.find(Draft("The first"), sent_at) == Undeterminable("https://x.com/acme")


def test_what_another_destination_has_is_passed_over(drive: Drive):
    """Without a text X takes the same thing twice, and shows both alike."""
    first = drive.publish(Draft("", (media(),)))
    drive.theirs, drive.checkpoint = {first.id}, {}
    drive.fault(call="create_post", drop="after", times=1)
    another = Draft("", (media(image(65)),))
    drive.fails(another)
    [ours, theirs] = drive.public()
    assert theirs["id"] == first.id
    assert drive.find(another).id == ours["id"]


def test_a_post_with_another_link_is_neither_ours_nor_proof_that_there_is_none(
    drive: Drive, monkeypatch: pytest.MonkeyPatch
):
    drive.publish(Draft("New: https://example.com/1"))
    drive.checkpoint = {}
    monkeypatch.setattr(lookup, "ABSENT_AFTER", timedelta())
    assert drive.find(Draft("New: https://example.com/2")) == Absent(proven=False)
    assert drive.find(Draft("Old: https://example.com/2")) == Absent(proven=True)
    assert isinstance(drive.find(Draft("New: example.com/1/")), Published)


def test_a_reply_that_reads_alike_is_not_our_first_part(drive: Drive):
    drive.publish(Draft("One", settings={"thread": ["Read more."]}))
    drive.checkpoint = {}
    assert drive.find(Draft("Read more.")) == Absent(proven=False)


@pytest.mark.parametrize(
    ("ours", "theirs", "same"),
    [
        ("https://example.com/1", "https://example.com/1/", True),
        ("example.com/1", "http://example.com/1", True),
        ("https://example.com/1", "https://example.com/2", False),
        ("https://t.co/abc", "https://example.com/1", True),
        ("https://bücher.example/1", "https://xn--bcher-kva.example/1", True),
    ],
)
def test_links_are_compared_by_where_they_lead(ours: str, theirs: str, same: bool):
    urls = [{"url": "https://t.co/x", "expanded_url": theirs}]
    listed = {"id": "1", "text": "New: https://t.co/x", "entities": {"urls": urls}}
    assert lookup.has_our_links(Draft(f"New: {ours}"), 0, listed) is same


def test_a_lookup_asks_once_and_by_the_names_of_the_present_document(drive: Drive):
    draft = Draft("New: https://example.com/1")
    published = drive.publish(draft)
    drive.checkpoint, drive.queries = {}, []
    assert drive.find(draft) == published
    [(path, query)] = drive.queries
    assert path.endswith(f"/2/users/{drive.account.platform_account_id}/tweets")
    assert query["post.fields"] == "conversation_id,entities"
    assert not {"tweet.fields", "expansions"} & query.keys()


def test_a_part_of_another_thread_that_reads_alike_is_not_ours(drive: Drive):
    drive.finish(Draft("One", settings={"thread": ["Read more."]}))
    drive.checkpoint = {}
    ours = Draft("Two", settings={"thread": ["Read more."]})
    body = '{"title":"Service Unavailable","status":503}'
    drive.fault(call="create_post", status=503, body=body, skip=1, times=1)
    assert type(drive.fails(ours)) is OutcomeUnknown
    assert drive.find(ours) == Absent(proven=False)


@pytest.mark.parametrize(
    "body",
    [
        '{"errors": [{"title": "Authorization Error", "detail": "Sorry."}]}',
        '{"meta": {"result_count": 1}}',
        '{"data": null}',
        "{}",
        "[]",
    ],
)
def test_a_timeline_that_is_not_shown_is_no_finding(drive: Drive, body: str):
    drive.fault(call="list_posts", status=200, body=body)
    with pytest.raises(Unavailable, match="timeline"):
        drive.find(Draft("Hello"), LONG_AGO)


def test_a_timeline_with_errors_proves_nothing(drive: Drive):
    body = '{"errors": [{"title": "Authorization Error"}], "meta": {"result_count": 0}}'
    drive.fault(call="list_posts", status=200, body=body)
    assert drive.find(Draft("Hello"), LONG_AGO) == Absent(proven=False)


@pytest.mark.parametrize("seconds", [-90, 90])
def test_a_clock_that_is_not_that_of_x_proves_nothing(
    drive: Drive, seconds: int, monkeypatch: pytest.MonkeyPatch
):
    """Its ids tell the time, so a post that is there may lie outside of the window."""
    monkeypatch.setattr(clock, "_source", lambda: datetime.now(UTC) + timedelta(seconds=seconds))
    past = clock.now() - timedelta(seconds=400)
    assert drive.find(Draft("Hello"), past) == Absent(proven=False)


def test_a_duplicate_after_a_lost_answer_proves_the_first_and_it_is_found(drive: Drive):
    drive.fault(call="create_post", drop="after", times=1)
    drive.fails()
    assert type(drive.fails()) is OutcomeUnknown
    [post] = drive.public()
    assert drive.find(Draft("Hello")).id == post["id"]


def test_a_duplicate_that_stays_unseen_is_for_a_person(drive: Drive):
    drive.fault(call="create_post", drop="before", times=1)
    drive.fails()
    body = '{"title":"Forbidden","detail":"with duplicate content.","type":"about:blank"}'
    drive.fault(call="create_post", status=403, body=body, times=1)
    drive.fails()
    assert drive.find(Draft("Hello")) == Absent(proven=False)
    later = drive.sent_at - timedelta(seconds=301)
    assert drive.find(Draft("Hello"), later) == Undeterminable(look_at="https://x.com/acme")


def test_a_duplicate_of_an_older_post_is_refused(drive: Drive):
    drive.publish(Draft("Hello"))
    drive.checkpoint = {}
    error = drive.fails()
    assert (type(error), error.code) == (Rejected, "duplicate_content")
    assert drive.checkpoint["first_sent_ms"] is None
    assert len(drive.public()) == 1


def test_a_known_refusal_is_not_where_a_later_lookup_starts(drive: Drive):
    drive.fault(call="create_post", rate_limit_reset_seconds=9, times=1)
    drive.fails()
    assert drive.checkpoint["first_sent_ms"] is None


def test_a_refused_lookup_is_an_error_and_no_finding(drive: Drive):
    drive.fault(call="list_posts", rate_limit_reset_seconds=60)
    with pytest.raises(RateLimited):
        drive.find(Draft("Hello"))


@pytest.mark.parametrize(
    ("ours", "theirs", "same"),
    [
        ("Hi  there\n", "Hi there", True),
        ("e\u0301", "\u00e9", True),
        ("a" * 300, "a" * 270 + "… https://t.co/abc", True),
        ("a" * 300, "b" * 270 + "… https://t.co/abc", False),
        ("1 &amp; 2", "1 &amp;amp; 2", True),
        ("Hi", "Hi https://t.co/abc", False),
    ],
)
def test_texts_are_compared_as_x_shows_them(ours: str, theirs: str, same: bool):
    assert lookup.same_text(ours, theirs) is same
