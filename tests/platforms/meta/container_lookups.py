"""What Instagram and Threads promise alike about posts whose answer was lost."""

from typing import ClassVar

import pytest

from platforms.drafts import Draft
from platforms.errors import OutcomeUnknown
from platforms.outcomes import Absent, Processing, Published, Undeterminable
from tests.platforms.meta.containers import Bench, clip, graph_error, photos


class LookUpPromises:
    """Subclass with a fixture `b`, a Bench."""

    #: How the network refuses a container that is not ready.
    not_ready: ClassVar[str]

    @pytest.mark.parametrize("items", [1, 2])
    def test_a_lost_answer_of_a_published_post_is_found(self, b: Bench, items: int):
        b.lose(photos(items))
        (post,) = b.public()
        assert b.find(photos(items)) == Published(id=post["id"], url=post["url"])

    def test_publishing_again_adopts_what_is_already_published(self, b: Bench):
        b.lose(photos())
        (post,) = b.public()
        assert b.finish(photos()) == Published(id=post["id"], url=post["url"], found=True)
        assert b.sends == 1

    def test_absence_is_proven_only_when_the_call_has_settled(self, b: Bench):
        b.lose(photos(), "before")
        assert b.find(photos()) == Absent(proven=False)
        assert b.find_later(photos(), 200) == Absent(proven=True)
        b.finish(photos())
        assert len(b.public()) == 1

    def test_a_container_that_was_never_sent_is_absent(self, b: Bench):
        b.process_in(0.3)
        b.publish(photos())
        assert b.find(photos()) == Absent(proven=True)
        assert b.public() == []

    def test_one_container_is_sent_three_times_at_most(self, b: Bench):
        for _ in range(3):
            b.lose(photos(), "before")
        assert b.find_later(photos(), 200) == Undeterminable()
        assert b.public() == []

    def test_a_published_post_that_no_list_shows_is_still_published(self, b: Bench):
        b.set("listing_lag_seconds", 3600)
        b.lose(photos())
        container = b.checkpoint["container"]
        assert b.find(photos()) == Processing(30)
        assert b.find_later(photos(), 1000) == Published(id=container)

    def test_two_posts_alike_are_not_mixed_up(self, b: Bench):
        b.finish(photos())
        b.checkpoint = {}
        b.lose(photos())
        container = b.checkpoint["container"]
        assert b.find(photos()) == Processing(30)
        assert b.find_later(photos(), 1000) == Published(id=container)

    def test_two_posts_alike_without_an_answer_are_told_apart_at_once(self, b: Bench):
        other = b.beside()
        b.lose(photos())
        other.lose(photos())
        b.lookalikes, other.lookalikes = ([other.lookalike(photos())], [b.lookalike(photos())])
        second, first = [Published(*[post[f] for f in ("id", "url")]) for post in b.public()]
        # The order of the lookups does not matter.
        assert (other.find(photos()), b.find(photos())) == (second, first)

    def test_what_another_one_without_an_answer_has_made_is_not_taken_for_ours(self, b: Bench):
        """Its container says so, and ours that it was never published."""
        other = b.beside()
        b.lose(photos())
        other.lose(photos(), "before")
        b.lookalikes, other.lookalikes = ([other.lookalike(photos())], [b.lookalike(photos())])
        (post,) = b.public()
        assert other.find_later(photos(), 200) == Absent(proven=True)
        assert b.find(photos()) == Published(id=post["id"], url=post["url"])

    def test_one_post_and_two_containers_that_lag_wait_for_a_later_look(self, b: Bench):
        other = b.beside()
        b.set("published_lag_seconds", 3600)
        b.lose(photos())
        other.lose(photos(), "before")
        b.lookalikes, other.lookalikes = ([other.lookalike(photos())], [b.lookalike(photos())])
        assert b.find_later(photos(), 200) == Absent(proven=False)
        assert other.find_later(photos(), 200) == Absent(proven=False)
        b.set("published_lag_seconds", 0)
        (post,) = b.public()
        assert other.find_later(photos(), 200) == Absent(proven=True)
        assert b.find_later(photos(), 200) == Published(id=post["id"], url=post["url"])

    def test_too_many_alike_are_not_told_apart(self, b: Bench):
        b.lose(photos())
        b.lookalikes = None
        assert b.find(photos()) == Processing(30)

    @pytest.mark.parametrize("what", ["other words", "another kind", "nothing sent", "failed"])
    def test_what_cannot_have_made_it_does_not_stand_in_the_way(self, b: Bench, what: str):
        other = b.beside()
        draft = {"other words": photos(text="Hi"), "another kind": photos(2)}.get(what, photos())
        b.lose(photos())
        other.lose(draft, "before")
        if what == "nothing sent":
            del other.checkpoint["sent_at"]
        if what == "failed":
            # A container that is too old was never published.
            b.simulator.advance(86_401)
        b.lookalikes = [other.lookalike(draft)]
        (post,) = b.public()
        assert b.find(photos()) == Published(id=post["id"], url=post["url"])

    def test_another_kind_of_post_with_the_same_text_is_not_taken_for_ours(self, b: Bench):
        b.finish(photos(2))
        b.finish(Draft("Hello", (clip(),)))
        b.checkpoint = {}
        b.lose(photos())
        assert b.find(photos()) == Published(*[b.public()[0][f] for f in ("id", "url")])

    def test_a_container_that_cannot_be_read_proves_nothing(self, b: Bench):
        b.lose(photos(), "before")
        b.fault(call="read", status=400, body=graph_error(100, 33))
        assert b.find_later(photos(), 1000) == Absent(proven=False)

    @pytest.mark.parametrize("seconds", [0, 200])
    def test_a_state_that_lags_makes_no_second_post(self, b: Bench, seconds: int):
        """The container says FINISHED although it is public; the list knows better."""
        b.set("published_lag_seconds", 3600)
        b.set("publish_twice", "again")
        b.lose(photos())
        (post,) = b.public()
        assert b.find_later(photos(), seconds) == Published(id=post["id"], url=post["url"])
        assert len(b.public()) == 1

    def test_sending_again_looks_at_the_list_before(self, b: Bench):
        b.set("published_lag_seconds", 3600)
        b.set("publish_twice", "again")
        b.lose(photos())
        (post,) = b.public()
        assert b.finish(photos()) == Published(id=post["id"], url=post["url"], found=True)
        assert (len(b.public()), b.sends) == (1, 1)

    def test_what_another_destination_has_is_passed_over_and_ours_is_sent(self, b: Bench):
        theirs = b.finish(photos())
        b.theirs, b.checkpoint = {theirs.id}, {}
        b.lose(photos(), "before")
        assert b.find_later(photos(), 200) == Absent(proven=True)
        result = b.finish(photos())
        assert [post["id"] for post in b.public()] == [result.id, theirs.id]
        assert not result.found

    def test_what_is_found_is_not_on_record_before_it_is_known_whose_it_is(self, b: Bench):
        b.lose(photos())
        saves = len(b.saves)
        assert isinstance(b.find(photos()), Published)
        assert len(b.saves) == saves

    @pytest.mark.parametrize("status", [400, 500])
    def test_a_refusal_of_the_first_call_that_worked_makes_no_second_post(
        self, b: Bench, status: int
    ):
        b.fault(call="publish", status=status, body=self.not_ready, effect=True, times=1)
        assert type(b.fails(photos())) is OutcomeUnknown
        (post,) = b.public()
        assert b.find(photos()) == Published(id=post["id"], url=post["url"])

    def test_a_container_that_is_public_counts_for_more_than_what_is_on_record(self, b: Bench):
        b.lose(photos())
        del b.checkpoint["sent_at"]
        b.set("listing_lag_seconds", 3600)
        assert b.find(photos()) == Processing(30)
