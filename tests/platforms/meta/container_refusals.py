"""What Instagram and Threads refuse alike."""

from typing import ClassVar

from platforms.drafts import Draft
from platforms.errors import (
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
)
from platforms.outcomes import Absent, Published
from tests.platforms.meta.containers import Bench, graph_error, photos

Row = tuple[int, str, type[PlatformError], str]

SHARED_CREATING: list[Row] = [
    (400, graph_error(190, 463), Unauthorized, "account_needs_reconnection"),
    (401, graph_error(190, 458), Unauthorized, "account_needs_reconnection"),
    (400, graph_error(102), Unauthorized, "account_needs_reconnection"),
    (403, graph_error(10), Unauthorized, "permission_missing"),
    (403, graph_error(200), Unauthorized, "permission_missing"),
    (403, graph_error(299), Unauthorized, "permission_missing"),
    (400, graph_error(3), Rejected, "app_refused"),
    *[
        (400, graph_error(code), RateLimited, "rate_limited")
        for code in (4, 17, 32, 341, 613, 80002)
    ],
    (429, graph_error(99999), RateLimited, "rate_limited"),
    (400, graph_error(368), RateLimited, "temporarily_blocked"),
    (400, graph_error(4, 2207051), RateLimited, "temporarily_blocked"),
    (400, graph_error(9004, 2207052), Unavailable, "media_unreachable"),
    (400, graph_error(506), Rejected, "duplicate_content"),
    (400, graph_error(100), Rejected, "content_rejected"),
    (400, graph_error(100, 33), Unauthorized, "account_needs_reconnection"),
    (400, graph_error(1), Unavailable, "platform_unavailable"),
    (500, graph_error(2), Unavailable, "platform_unavailable"),
    (400, graph_error(77777, is_transient=True), Unavailable, "platform_unavailable"),
    (502, "<html>Bad gateway</html>", Unavailable, "platform_unavailable"),
]


SHARED_PUBLISHING: list[Row] = [
    (400, graph_error(190, 460), Unauthorized, "account_needs_reconnection"),
    (400, graph_error(4, 2207051), OutcomeUnknown, "outcome_unknown"),
    (400, graph_error(100, 33), Unauthorized, "account_needs_reconnection"),
    (400, graph_error(1), OutcomeUnknown, "outcome_unknown"),
    (500, graph_error(2), OutcomeUnknown, "outcome_unknown"),
    (500, graph_error(10), OutcomeUnknown, "outcome_unknown"),
    (500, graph_error(100, 33), OutcomeUnknown, "outcome_unknown"),
    (500, graph_error(4, 2207051), OutcomeUnknown, "outcome_unknown"),
    (400, graph_error(506), OutcomeUnknown, "outcome_unknown"),
    (400, graph_error(77777), OutcomeUnknown, "outcome_unknown"),
    (200, graph_error(2), OutcomeUnknown, "outcome_unknown"),
    (400, graph_error(368), RateLimited, "temporarily_blocked"),
]


def lose_another(b: Bench, twice: str) -> Draft:
    """A post whose answer was lost; `twice` is what a second publish of its container does."""
    draft = photos(text=f"Published twice: {twice}")
    b.checkpoint = {}
    b.set("publish_twice", twice)
    b.lose(draft)
    return draft


class RefusalPromises:
    """Subclass with a fixture `b`, a Bench."""

    #: Answers to the call that makes a container, and to the one that publishes it.
    creating: ClassVar[list[Row]]
    publishing: ClassVar[list[Row]]
    #: Why a container failed, in the network's words → the error, our code, the network's own.
    failures: ClassVar[dict[str, tuple[type[PlatformError], str, str]]]
    #: What the network may do when a container is published twice, `same` and `again` besides.
    refuses_twice: ClassVar[tuple[str, ...]]

    def test_a_refusal_to_make_a_container_has_its_word(self, b: Bench):
        for status, body, error, code in SHARED_CREATING + self.creating:
            found = b.refusal(photos(), "create_container", status, body)
            told = (type(found), found.code, found.http_status, b.sends)
            assert (body, told) == (body, (error, code, status, 0))
            assert b.account.token not in str(found) + found.body
        assert b.public() == []

    def test_words_that_may_quote_a_refused_token_are_not_passed_on(self, b: Bench):
        for code in (190, 102, 10):
            found = b.refusal(photos(), "create_container", 400, graph_error(code))
            assert (code, "Simulated" in found.message) == (code, False)

    def test_a_refusal_to_publish_has_its_word(self, b: Bench):
        for status, body, error, code in SHARED_PUBLISHING + self.publishing:
            found = b.refusal(photos(), "publish", status, body, waits=True)
            assert (status, body, type(found), found.code) == (status, body, error, code)
        assert b.public() == []

    def test_a_container_that_failed_says_why(self, b: Bench):
        for reason, expected in self.failures.items():
            b.set("processing_fails", reason)
            for items in (1, 2):
                found = b.fails(photos(items))
                assert (type(found), found.code, found.platform_code) == expected
                assert not {"container", "children"} & b.checkpoint.keys()

    def test_there_is_one_post_no_matter_what_a_second_publish_does(self, b: Bench):
        for count, twice in enumerate((*self.refuses_twice, "same", "again"), 1):
            draft = lose_another(b, twice)
            for seconds in (15, 60, 300):
                assert isinstance(b.find_later(draft, seconds), Published), twice
            assert isinstance(b.finish(draft), Published), twice
            assert (twice, len(b.public())) == (twice, count)

    def test_a_second_publish_that_was_not_known_to_be_one_is_not_believed(self, b: Bench):
        """Neither the container nor the list shows the first one yet."""
        b.set("published_lag_seconds", 3600)
        b.set("listing_lag_seconds", 3600)
        for count, twice in enumerate((*self.refuses_twice, "same"), 1):
            draft = lose_another(b, twice)
            assert (twice, b.find_later(draft, 200)) == (twice, Absent(proven=True))
            if twice == "same":
                assert isinstance(b.finish(draft), Published)
            else:
                assert (twice, type(b.fails(draft))) == (twice, OutcomeUnknown)
            assert (twice, len(b.public())) == (twice, count)
