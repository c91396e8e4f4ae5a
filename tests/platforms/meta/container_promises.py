"""What Instagram and Threads promise alike."""

import dataclasses
import json
from typing import ClassVar

import pytest

from platforms.drafts import Credentials, Draft
from platforms.errors import (
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
    Unsupported,
)
from platforms.outcomes import Processing, Published
from tests.platforms.driver import image, media
from tests.platforms.meta.container_lookups import LookUpPromises
from tests.platforms.meta.containers import (
    USER,
    Bench,
    clip,
    clip_bytes,
    graph_error,
    photo,
    photos,
)


class ContainerPromises(LookUpPromises):
    """Subclass with a fixture `b`, a Bench."""

    #: How the network names the state of a container.
    state_field: ClassVar[str]

    def test_an_image_becomes_one_public_post(self, b: Bench):
        result = b.finish(photos())
        (post,) = b.public()
        assert result == Published(id=post["id"], url=post["url"])
        assert (post["text"], post["extra"]["alt"]) == ("Hello", ["Photo 0"])
        stored = b.simulator.http.get(f"/files/{post['media'][0]}").content
        assert stored == image(format="JPEG")
        assert (b.sends, b.state) == (1, "answered")

    def test_a_video_becomes_one_public_post(self, b: Bench):
        result = b.finish(Draft("Moving", (clip(),)))
        (post,) = b.public()
        assert result == Published(id=post["id"], url=post["url"])
        stored = b.simulator.http.get(f"/files/{post['media'][0]}")
        assert (stored.content, stored.headers["content-type"]) == (clip_bytes(), "video/mp4")
        assert b.sends == 1

    def test_a_carousel_mixes_images_and_videos_and_keeps_their_order(self, b: Bench):
        b.finish(Draft("Mixed", (photo("First"), clip(), photo("Last"))))
        (post,) = b.public()
        assert post["extra"]["alt"] == ["First", "", "Last"]
        assert post["extra"]["media_type"] == "CAROUSEL_ALBUM"
        second = b.simulator.http.get(f"/files/{post['media'][1]}").content
        assert (second, len(post["media"]), b.sends) == (clip_bytes(), 3, 1)

    def test_the_container_is_durable_before_it_is_published(self, b: Bench):
        b.process_in(60)
        assert b.publish(photos()) == Processing(2)
        assert b.sends == 0
        made = b.checkpoint["container"]
        b.simulator.advance(60)
        result = b.finish(photos())
        (sending,) = [save for save in b.saves if save.sending]
        assert isinstance(result, Published)
        assert sending.values["container"] == made
        assert b.checkpoint["posts"] == [result.id]

    @pytest.mark.parametrize("is_stored", [True, False])
    @pytest.mark.parametrize("step", range(1, 6))
    def test_a_crash_at_any_step_makes_one_post(self, b: Bench, step: int, is_stored: bool):
        """Two items, their carousel, the call that publishes, and what it answered."""
        b.crash(photos(2), step, is_stored=is_stored)
        result = b.recover(photos(2))
        assert [post["id"] for post in b.public()] == [result.id]

    @pytest.mark.parametrize("call", ["create_container", "read", "quota", "publish"])
    @pytest.mark.parametrize("skip", [0, 1])
    def test_a_token_that_ends_at_any_step_is_replaced_and_one_post_made(
        self, b: Bench, call: str, skip: int
    ):
        draft = photos(2)
        body = graph_error(190, 463)
        skipped = skip if call in ("create_container", "read") else 0
        b.fault(call=call, status=401, body=body, times=1, skip=skipped)
        error = b.fails(draft)
        assert type(error) is Unauthorized
        assert error.code == "account_needs_reconnection"
        made = [*b.checkpoint.get("children", ()), b.checkpoint.get("container")]
        b.new_token()
        b.finish(draft)
        assert len(b.public()) == 1
        used = [save.values for save in b.saves if save.sending][-1]
        assert set(filter(None, made)) <= {*used["children"], used["container"]}

    def test_a_recorded_answer_is_never_sent_again(self, b: Bench):
        first = b.finish(photos())
        assert b.finish(photos()) == first
        assert b.find(photos()) == first
        assert (b.sends, len(b.public())) == (1, 1)

    def test_a_refusal_of_the_first_call_is_waited_out(self, b: Bench):
        b.fault(call="publish", status=400, body=self.not_ready, times=1)
        assert b.publish(photos()) == Processing(5)
        assert b.state == "answered"
        b.finish(photos())
        assert len(b.public()) == 1

    def test_the_same_refusal_after_a_lost_answer_is_unknown(self, b: Bench):
        b.lose(photos(), "before")
        b.fault(call="publish", status=400, body=self.not_ready, effect=True)
        assert type(b.fails(photos())) is OutcomeUnknown
        (post,) = b.public()
        assert b.find(photos()) == Published(id=post["id"], url=post["url"])

    def test_a_container_refused_too_often_is_made_anew(self, b: Bench):
        b.fault(call="publish", status=400, body=self.not_ready, times=3)
        error = b.fails(photos())
        assert (type(error), error.code) == (Unavailable, "media_processing_failed")
        assert "container" not in b.checkpoint
        b.finish(photos())
        assert len(b.public()) == 1

    def test_missing_permission_is_not_believed_when_the_container_is_public(self, b: Bench):
        b.fault(call="publish", status=403, body=graph_error(10), effect=True, times=1)
        assert type(b.fails(photos())) is OutcomeUnknown
        (post,) = b.public()
        assert b.find(photos()) == Published(id=post["id"], url=post["url"])

    def test_missing_permission_of_an_unpublished_container_is_believed(self, b: Bench):
        b.fault(call="publish", status=403, body=graph_error(10), times=1)
        error = b.fails(photos())
        assert (type(error), error.code) == (Unauthorized, "permission_missing")
        assert b.public() == []

    @pytest.mark.parametrize("state", ["ERROR", "EXPIRED"])
    @pytest.mark.parametrize("items", [1, 2])
    def test_a_container_that_is_no_longer_good_is_made_anew(
        self, b: Bench, state: str, items: int
    ):
        body = json.dumps({"id": "1", self.state_field: state})
        b.fault(call="read", status=200, body=body, times=1)
        error = b.fails(photos(items))
        assert (type(error), error.code) == (Unavailable, "media_processing_failed")
        assert not {"container", "children"} & b.checkpoint.keys()
        b.finish(photos(items))
        assert (b.sends, len(b.public())) == (1, 1)

    @pytest.mark.parametrize("items", [1, 2])
    def test_a_container_that_is_never_seen_is_made_anew(self, b: Bench, items: int):
        b.fault(call="read", status=400, body=graph_error(100, 33), times=3 * items)
        for _ in range(3):
            assert type(b.fails(photos(items))) is Unavailable
        assert not {"container", "children"} & b.checkpoint.keys()
        b.finish(photos(items))
        assert len(b.public()) == 1

    def test_a_file_without_an_address_is_the_operators_fault(self, b: Bench):
        item = dataclasses.replace(photo(), url="")
        error = b.fails(Draft("Hello", (item,)))
        assert (type(error), error.code) == (Unavailable, "media_unreachable")

    def test_a_container_expires_after_a_day(self, b: Bench):
        b.process_in(0.3)
        b.publish(photos())
        b.simulator.advance(25 * 3600)
        error = b.fails(photos())
        assert (type(error), error.message) == (
            Unavailable,
            f"The upload at {b.adapter.name} expired.",
        )

    def test_a_permalink_that_cannot_be_read_does_not_fail_the_post(self, b: Bench):
        b.process_in(0.3)
        b.until(photos(), "container")
        b.checkpoint["posts"] = ["18000000000000000"]
        b.fault(call="read", status=500)
        assert b.publish(photos()) == Published(id="18000000000000000")

    def test_a_rate_limit_ends_when_the_network_says(self, b: Bench):
        b.fault(call="create_container", rate_limit_reset_seconds=600)
        error = b.fails(photos())
        assert (type(error), error.retry_after_seconds) == (RateLimited, 600)

    def test_the_days_limit_is_read_before_anything_is_sent(self, b: Bench):
        b.set("quota", 1)
        b.finish(photos())
        b.checkpoint = {}
        error = b.fails(photos())
        assert (type(error), error.code) == (RateLimited, "daily_limit_reached")
        assert (b.sends, len(b.public())) == (1, 1)
        b.simulator.advance(25 * 3600)
        b.checkpoint = {}
        b.finish(photos())
        assert len(b.public()) == 2

    @pytest.mark.parametrize("body", [graph_error(100), '{"data":[]}', '{"data":[{}]}'])
    def test_a_limit_that_cannot_be_read_stops_nothing(self, b: Bench, body: str):
        b.fault(call="quota", status=400 if "error" in body else 200, body=body)
        assert isinstance(b.finish(photos()), Published)

    def test_usage_headers_do_not_disturb(self, b: Bench):
        b.simulator.set(b.adapter.key, "usage_percent", 100)
        assert isinstance(b.finish(photos()), Published)

    def test_files_that_are_not_fit_are_unsupported(self, b: Bench):
        for item in (
            media(b"", content_type="image/webp"),
            media(bytes(8 * 1024 * 1024 + 1), content_type="image/jpeg"),
            media(b"", content_type="image/jpeg", alt_text="x" * 1001),
            media(b"", kind="document"),
            clip(duration_seconds=1000),
            clip(video_codec="vp9"),
            clip(frames_per_second=10.0),
            clip(index_first=False),
        ):
            b.raises(Unsupported, Draft("Hello", (item,)))
        b.raises(Unsupported, photos(21))
        assert b.saves == []

    def test_a_file_that_is_to_be_brought_into_form_is_taken(self, b: Bench):
        adapter = b.adapter
        wide = media(image(format="JPEG"), content_type="image/jpeg", width=4000, height=3000)
        form = adapter.form(Draft("Hello", (wide,)), wide)
        assert form is not None
        assert (form.content_type, form.max_width) == ("image/jpeg", 1440)
        moving = clip(video_codec="vp9", frames_per_second=10.0, width=64, height=64)
        form = adapter.form(Draft("Hello", (moving,)), moving)
        assert form is not None
        assert (form.video_codec, form.min_fps, form.max_fps) == ("h264", 23, 60)

    def test_a_video_that_the_network_cannot_read_fails_in_processing(self, b: Bench):
        error = b.fails(Draft("Hello", (clip(clip_bytes(codec="mpeg4")),)))
        assert error.code in ("media_rejected", "media_processing_failed")
        assert b.public() == []

    @pytest.mark.parametrize(("code", "unmapped"), [(100, False), (77777, True)])
    def test_a_code_that_no_table_knows_is_marked(self, b: Bench, code: int, unmapped: bool):
        b.fault(call="create_container", status=400, body=graph_error(code))
        error = b.fails(photos())
        assert (type(error), error.unmapped) == (Rejected, unmapped)

    def test_a_missing_scope_is_a_missing_permission(self, b: Bench):
        token = b.simulator.connect(
            b.adapter.key, USER, username="acme", extra={"scopes": ["none"]}
        )
        b.account = Credentials(USER, "acme", token)
        error = b.fails(photos())
        assert (type(error), error.code) == (Unauthorized, "permission_missing")

    def test_an_unknown_option_is_unsupported(self, b: Bench):
        b.raises(Unsupported, photos(settings={"colour": "red"}))
