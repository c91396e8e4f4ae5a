"""Every adapter passes the contract: one line each."""

import dataclasses

import pytest

from platforms.bluesky.adapter import Bluesky
from platforms.discord.adapter import Discord
from platforms.drafts import Draft
from platforms.errors import OutcomeUnknown, Unauthorized
from platforms.facebook.adapter import Facebook
from platforms.instagram.adapter import Instagram
from platforms.linkedin.adapter import LinkedIn
from platforms.mastodon.adapter import Mastodon
from platforms.registry import ADAPTERS
from platforms.telegram.adapter import Telegram
from platforms.threads.adapter import Threads
from platforms.tiktok.adapter import TikTok
from platforms.wordpress.adapter import WordPress
from platforms.x.adapter import X
from platforms.youtube.adapter import YouTube
from tests.contract import AdapterContract, Case
from tests.platforms.bluesky.account import SERVER, did
from tests.platforms.discord import account as discord
from tests.platforms.driver import image, media, video
from tests.platforms.facebook.videos import upright
from tests.platforms.mastodon.account import id_of
from tests.platforms.telegram import account as telegram
from tests.platforms.wordpress import account as wordpress

HELLO = Draft("Hello")
PICTURE = Draft("Hello", (media(image(format="JPEG"), content_type="image/jpeg"),))
CLIP = Draft("Hello", (media(kind="video"),))
#: LinkedIn takes no smaller one.
LARGER_CLIP = Draft("Hello", (media(video() + bytes(75 * 1024), kind="video"),))
REEL = Draft("Hello", (media(upright(), kind="video"),), post_type="Reels")
SCENE = Draft("", (media(upright(), kind="video"),), post_type="Story")
STORY = Draft("", (media(),), post_type="Story")
FETCHED = Draft("Hello", CLIP.media, {"transfer": "PULL_FROM_URL"})
SHORT = dataclasses.replace(CLIP, post_type="Short")
PAGE = {"author": "urn:li:organization:881"}
ALBUM = Draft("Hello", PICTURE.media + CLIP.media)
POLL = Draft("Hello", settings={"pollOptions": ["Yes", "No"]})
#: Graph says what happened by its code; a bare 404 comes with that of its own trouble.
GRAPH = {404: OutcomeUnknown}
#: The token is a part of the address.
UNKNOWN_BOT = {404: Unauthorized}
#: Answers of the upload host prove nothing about the post: its status is asked instead.
UPLOAD_HOST = dict.fromkeys((400, 403, 404), OutcomeUnknown)
#: Discord has no other 404 where messages are made.
NO_CHANNEL = {404: Unauthorized}

CASES = {
    "x": Case(X(), HELLO, "880", "create_post"),
    "x picture": Case(X(), PICTURE, "8801", "create_post"),
    "x video": Case(X(), CLIP, "8802", "create_post"),
    "instagram": Case(Instagram(), PICTURE, "17841400000000883", "publish", statuses=GRAPH),
    "linkedin page": Case(LinkedIn(), HELLO, "881", "create_post", extra=PAGE),
    "linkedin member": Case(LinkedIn(), HELLO, "882", "create_post"),
    "linkedin video": Case(LinkedIn(), LARGER_CLIP, "888", "create_post"),
    "facebook": Case(Facebook(), HELLO, "884", "change_post", statuses=GRAPH),
    "facebook photo": Case(Facebook(), PICTURE, "884", "change_post", statuses=GRAPH),
    "facebook video": Case(Facebook(), CLIP, "884", "finish_video", statuses=GRAPH),
    "facebook reel": Case(Facebook(), REEL, "884", "finish_reel", statuses=GRAPH),
    "facebook story": Case(Facebook(), STORY, "884", "photo_story", statuses=GRAPH),
    "facebook video story": Case(Facebook(), SCENE, "884", "finish_story", statuses=GRAPH),
    # TikTok does not say when its limit ends: six requests a minute are documented.
    "tiktok": Case(TikTok(), CLIP, "open-885", "put_chunk", statuses=UPLOAD_HOST, reset_seconds=60),
    # Where TikTok fetches the file, its init is the post.
    "tiktok pull": Case(
        TikTok(), FETCHED, "open-886", "init", statuses=UPLOAD_HOST, reset_seconds=60
    ),
    "tiktok photos": Case(
        TikTok(), PICTURE, "open-887", "photo_init", statuses=UPLOAD_HOST, reset_seconds=60
    ),
    "youtube": Case(YouTube(), CLIP, "UC886", "put_bytes", statuses={404: OutcomeUnknown}),
    "youtube short": Case(YouTube(), SHORT, "UC889", "put_bytes", statuses={404: OutcomeUnknown}),
    "threads": Case(Threads(), HELLO, "24000000000000887", "publish", statuses=GRAPH),
    "bluesky": Case(Bluesky(), HELLO, did(1), "apply_writes", extra=SERVER),
    "bluesky picture": Case(Bluesky(), PICTURE, did(2), "apply_writes", extra=SERVER),
    "bluesky video": Case(Bluesky(), CLIP, did(3), "apply_writes", extra=SERVER),
    "mastodon": Case(Mastodon(), HELLO, id_of("881"), "create_status"),
    "mastodon picture": Case(Mastodon(), PICTURE, id_of("882"), "create_status"),
    "mastodon video": Case(Mastodon(), CLIP, id_of("883"), "create_status"),
    "wordpress": Case(WordPress(), HELLO, wordpress.id_of("881"), "update_post"),
    "wordpress picture": Case(WordPress(), PICTURE, wordpress.id_of("882"), "update_post"),
    "wordpress video": Case(WordPress(), CLIP, wordpress.id_of("883"), "update_post"),
    "telegram": Case(Telegram(), HELLO, telegram.id_of("881"), "send", statuses=UNKNOWN_BOT),
    "telegram picture": Case(
        Telegram(), PICTURE, telegram.id_of("882"), "send", statuses=UNKNOWN_BOT
    ),
    "telegram album": Case(Telegram(), ALBUM, telegram.id_of("883"), "send", statuses=UNKNOWN_BOT),
    "telegram poll": Case(Telegram(), POLL, telegram.id_of("884"), "send", statuses=UNKNOWN_BOT),
    "discord": Case(Discord(), HELLO, discord.id_of("881"), "create_message", statuses=NO_CHANNEL),
    "discord picture": Case(
        Discord(), PICTURE, discord.id_of("882"), "create_message", statuses=NO_CHANNEL
    ),
    "discord video": Case(
        Discord(), CLIP, discord.id_of("883"), "create_message", statuses=NO_CHANNEL
    ),
    "discord forum": Case(
        Discord(),
        HELLO,
        discord.id_of("884"),
        "create_thread",
        extra={"kind": "forum"},
        statuses=NO_CHANNEL,
    ),
    "discord webhook": Case(Discord(), HELLO, "885", "execute_webhook", statuses=NO_CHANNEL),
}


class TestContract(AdapterContract):
    @pytest.fixture(params=CASES)
    def case(self, request: pytest.FixtureRequest) -> Case:
        return CASES[request.param]


def test_every_adapter_has_a_case():
    assert {case.adapter.key for case in CASES.values()} == set(ADAPTERS)
