"""Everything that our adapters ask of the networks: each kind of post and login, start to end."""

import contextlib
import dataclasses
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from platforms.drafts import Credentials, Draft
from platforms.errors import PlatformError
from platforms.oauth import OAuth
from platforms.outcomes import Published
from platforms.registry import ADAPTERS
from tests.conftest import Simulator
from tests.platforms.bluesky import steps as bluesky
from tests.platforms.connecting import connecting
from tests.platforms.discord import account as channels
from tests.platforms.discord import steps as discord
from tests.platforms.driver import Drive, clip, image, media, video
from tests.platforms.facebook.videos import upright
from tests.platforms.linkedin import steps as linkedin
from tests.platforms.linkedin.login import make_page
from tests.platforms.mastodon import steps as mastodon
from tests.platforms.meta.containers import photo
from tests.platforms.telegram import account as chats
from tests.platforms.telegram import steps as telegram
from tests.platforms.wordpress import account as blogs
from tests.platforms.wordpress import steps as wordpress
from tests.platforms.youtube.steps import make_draft, with_thumbnail

CLIP = media(clip(), "video")
PHOTO = photo("A dove")
SHAPED = dataclasses.replace(PHOTO, width=1080, height=1080)
VIDEO = media(video(), kind="video")
UPRIGHT = media(upright(), kind="video")
GIF = media(image(format="GIF"), content_type="image/gif", alt_text="A dove")
COMMENTED = {"firstComment": "Coo!"}
POLL = {"pollQuestion": "Coo?", "pollOptions": ["Yes", "No"], "pollDuration": "ONE_DAY"}
CARD = {"link": "https://example.com/", "linkTitle": "Doves", "linkDescription": "Birds"}
PULL = {"transfer": "PULL_FROM_URL"}

#: Network → drafts, each with the call that makes it public.
DRAFTS: Mapping[str, Sequence[tuple[str, Draft]]] = {
    "x": (
        ("create_post", Draft("One", settings={"thread": ["Two"], "replySettings": "following"})),
        (
            "create_post",
            Draft("Look", (PHOTO, PHOTO), {"madeWithAi": True, "paidPartnership": True}),
        ),
        ("create_post", Draft("Look", (GIF,))),
        ("create_post", Draft("Look", (VIDEO,))),
    ),
    "instagram": (
        (
            "publish",
            Draft(
                "Look",
                (PHOTO,),
                {
                    "collaborators": ["dove"],
                    "locationId": "12345",
                    "isAiGenerated": True,
                    **COMMENTED,
                },
            ),
        ),
        ("publish", Draft("Look", (PHOTO, CLIP))),
        (
            "publish",
            Draft(
                "Look",
                (CLIP,),
                {"shareToFeed": True, "coverPhotoTimestamp": 500, "audioName": "Coo"},
            ),
        ),
        ("publish", Draft("Look", (CLIP,), {"trialGraduation": "MANUAL"}, "Trial Reel")),
        ("publish", Draft("", (PHOTO,), post_type="Story")),
        ("publish", Draft("", (CLIP,), post_type="Story")),
    ),
    "linkedin": (
        ("create_post", Draft("Hello")),
        ("create_post", Draft("Poll", settings=POLL)),
        ("create_post", Draft("Card", (PHOTO,), CARD)),
        ("create_post", Draft("Look", (PHOTO,))),
        ("create_post", Draft("Look", (PHOTO, PHOTO))),
        ("create_post", Draft("Look", (linkedin.clip(),), {"videoTitle": "Doves"})),
        ("create_post", Draft("Read", (linkedin.pdf(),), {"documentTitle": "Plan"})),
    ),
    "facebook": (
        ("change_post", Draft("Hello", settings={"link": "https://example.com/", **COMMENTED})),
        ("change_post", Draft("Look", (PHOTO, PHOTO))),
        ("finish_video", Draft("Look", (VIDEO,), {"title": "Doves", "isAiGenerated": True})),
        ("finish_reel", Draft("Look", (UPRIGHT,), {"title": "Doves"}, "Reels")),
        ("photo_story", Draft("", (PHOTO,), post_type="Story")),
        ("finish_story", Draft("", (UPRIGHT,), post_type="Story")),
    ),
    "tiktok": (
        ("put_chunk", Draft("Look", (VIDEO,), {"videoCoverTimestampMs": 500, "isAigc": True})),
        ("init", Draft("Look", (VIDEO,), PULL)),
        (
            "photo_init",
            Draft("Look", (PHOTO, PHOTO), {"title": "Doves", "photoCoverIndex": 1, "isAigc": True}),
        ),
    ),
    "youtube": (
        (
            "put_bytes",
            make_draft(
                categoryId="22",
                defaultLanguage="en",
                license="youtube",
                embeddable=True,
                containsSyntheticMedia=True,
                notifySubscribers=False,
            ),
        ),
        ("put_bytes", dataclasses.replace(with_thumbnail(), post_type="Video")),
    ),
    "bluesky": (
        (
            "apply_writes",
            Draft(
                "One https://example.com/dovecote @pigeons.example #doves",
                settings={
                    "thread": ["Two"],
                    "languages": ["en"],
                    "labels": ["nudity"],
                    "replyControl": "mentioned",
                    "allowQuotes": False,
                },
            ),
        ),
        ("apply_writes", Draft("Look", (SHAPED,))),
        ("apply_writes", Draft("Look", (SHAPED,) * 5)),
        ("apply_writes", Draft("Look", (dataclasses.replace(VIDEO, alt_text="A dove"),))),
        ("apply_writes", Draft("Look", (SHAPED,), bluesky.ABOUT)),
        ("apply_writes", Draft("Look", settings={"quote": bluesky.ABOUT["quote"]})),
    ),
    "mastodon": (
        (
            "create_status",
            Draft(
                "One https://example.com/dovecote @dora@example.com #doves",
                settings={
                    "thread": ["Two"],
                    "visibility": "unlisted",
                    "spoilerText": "Doves",
                    "language": "en",
                    "quotePolicy": "followers",
                },
            ),
        ),
        ("create_status", Draft("Look", (SHAPED,), {"focus": ["0.0,0.5"], "sensitive": True})),
        ("create_status", Draft("Look", (VIDEO,))),
        ("create_status", Draft("Coo?", settings=mastodon.POLL)),
        ("create_status", Draft("Look", settings=mastodon.ABOUT)),
    ),
    "wordpress": (
        ("update_post", Draft("One https://example.com/dovecote", settings=wordpress.TOLD)),
        ("update_post", Draft("Look", (PHOTO, SHAPED, VIDEO), {"featuredImage": True})),
        (
            "update_post",
            Draft(
                '<p><img src="media:1"></p>', (PHOTO,), {"textFormat": "html", "status": "private"}
            ),
        ),
    ),
    "telegram": tuple(("send", draft) for draft in telegram.DRAFTS.values()),
    "discord": (
        ("create_message", Draft("Coo", settings={**discord.QUIET, "embeds": [discord.CARD]})),
        ("create_message", Draft("", settings=discord.POLL)),
        ("create_message", Draft("Look", (PHOTO, VIDEO), {"spoiler": True})),
        ("create_thread", Draft("Look", (PHOTO,), discord.THREAD)),
        ("execute_webhook", Draft("Look", (PHOTO,))),
    ),
    "threads": (
        (
            "publish",
            Draft(
                "One",
                settings={
                    "thread": ["Two"],
                    "topicTag": "doves",
                    "replyControl": "everyone",
                    "linkAttachment": "https://example.com/",
                },
            ),
        ),
        ("publish", Draft("Look", (PHOTO,))),
        ("publish", Draft("Look", (CLIP,))),
        ("publish", Draft("Look", (PHOTO, CLIP))),
    ),
}
SIGN_IN = {
    "bluesky": bluesky.sign_in,
    "mastodon": mastodon.sign_in,
    "wordpress": wordpress.sign_in,
    "telegram": telegram.sign_in,
    "discord": discord.sign_in,
}
#: After it the upload sessions of YouTube are gone.
LONG = 8 * 24 * 3600
_numbers = itertools.count(17841400000007000)


def flows(network: str) -> Iterator[Callable[[Simulator], None]]:
    """Each kind of post, published and lost, and each login; each may be run alone."""
    for extra in [{"login": "facebook"}, {}] if network == "instagram" else [{}]:
        for call, draft in DRAFTS[network]:
            yield partial(publish, network=network, call=call, draft=draft, extra=extra)
            yield partial(lose, network=network, call=call, draft=draft, extra=extra)
    for name, login in ADAPTERS[network].logins.items():
        if isinstance(login, OAuth):
            yield partial(log_in, network=network, login=name)
        else:
            yield SIGN_IN[network]


def publish(
    simulator: Simulator, network: str, call: str, draft: Draft, extra: Mapping[str, str]
) -> None:
    """Publish, read the post and its numbers, delete it."""
    drive = _account(simulator, network, call, extra)
    result = drive.finish(draft)
    assert isinstance(result, Published), result
    _quietly(lambda: drive.shows_as_own(result.id))
    _quietly(lambda: drive.read_metrics(result.id))
    _quietly(drive.read_followers)
    if drive.adapter.can_delete(draft):
        drive.delete(result.id)


def lose(
    simulator: Simulator, network: str, call: str, draft: Draft, extra: Mapping[str, str]
) -> None:
    """Look for a post of whose publication no answer came; comments are lost too."""
    drive = _account(simulator, network, call, extra)
    for lost in (call, "comment"):
        drive.fault(call=lost, drop="after", times=1)
        _quietly(lambda: drive.finish(draft))
        simulator.http.delete("/control/faults").raise_for_status()
        for _ in range(2):
            _quietly(lambda: drive.find(draft, _long_before(drive)))
        _quietly(lambda: drive.finish(draft))
    drive.checkpoint, again = {}, dataclasses.replace(draft, text="Again")
    drive.fault(call=call, drop="after", times=1, skip=int("thread" in draft.settings))
    _quietly(lambda: drive.finish(again))
    simulator.http.delete("/control/faults").raise_for_status()
    left = dict(drive.checkpoint)
    for wait in (0, LONG):
        simulator.advance(wait)
        drive.checkpoint = dict(left)
        _quietly(lambda: drive.find(again, _long_before(drive)))


def log_in(simulator: Simulator, network: str, login: str) -> None:
    """Connect an account, and renew its token after a day."""
    c = connecting(simulator, network, login)
    if network == "linkedin":
        make_page(simulator, {c.account: "ADMINISTRATOR"})
    tokens = c.tokens()
    c.profiles(tokens)
    if c.login.can_refresh(c.credentials(tokens)):
        simulator.advance(25 * 3600)
        c.refresh(tokens)


def _account(simulator: Simulator, network: str, call: str, extra: Mapping[str, str]) -> Drive:
    number = str(next(_numbers))
    number = f"UC{number:0>22}" if network == "youtube" else number
    if network == "linkedin":
        extra = {"author": f"urn:li:organization:{number}"}
    if network == "bluesky":
        number, extra = bluesky.set_up(simulator, number)
    if network == "mastodon":
        number = mastodon.set_up(simulator, number)
    if network == "wordpress":
        number = blogs.id_of(number)
    if network == "telegram":
        number = chats.id_of(number)
    if network == "discord":
        number, extra = channels.set_up(number, call)
    token = simulator.connect(network, number, extra=dict(extra))
    known = Credentials(number, "acme", token, extra=extra, login=extra.get("login", ""))
    drive = Drive(ADAPTERS[network], known, simulator)
    drive.set("processing_seconds", 0.2)
    drive.set("chunk_bytes", 50_000)
    return drive


def _long_before(drive: Drive) -> datetime:
    """So long ago that the network has an answer now."""
    return (drive.sent_at or datetime.now(UTC)) - timedelta(minutes=4)


def _quietly(work: Callable[[], object]) -> None:
    with contextlib.suppress(PlatformError):
        work()
