"""What simulated networks once took, and the networks refuse."""

import io
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from PIL import Image

from tests.conftest import Simulator
from tests.platforms.bluesky import account as bluesky
from tests.platforms.discord import account as discord
from tests.platforms.driver import HELLO, Drive
from tests.platforms.facts import connect
from tests.platforms.mastodon import account as mastodon
from tests.platforms.telegram import account as telegram

POLL = {"question": "Coo?", "options": [{"text": "Yes"}]}


def picture(width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.new("L", (width, height)).save(file, "PNG")
    return file.getvalue()


def ask(drive: Drive, method: str, url: str, **body: Any) -> httpx.Response:
    bearer = {"Authorization": f"Bearer {drive.account.token}"}
    headers = {**bearer, **body.pop("headers", {})}
    return drive.simulator.http.request(method, f"/{url}", headers=headers, **body)


def say(drive: Drive, method: str, **said: Any) -> httpx.Response:
    chat = {"chat_id": int(drive.account.platform_account_id)}
    url = f"api.telegram.org/bot{drive.account.token}/{method}"
    file = {"photo": ("a.png", said.pop("photo"), "image/png")} if "photo" in said else None
    body: dict[str, Any] = {"data": {**chat, **said}} if file else {"json": {**chat, **said}}
    return ask(drive, "POST", url, files=file, **body)


@pytest.mark.parametrize("sides", [(9_400, 600), (600, 9_400), (2_000, 100)])
def test_telegram_takes_photos_up_to_its_sides_and_shape(simulator: Simulator, sides):
    assert say(telegram.drive(simulator), "sendPhoto", photo=picture(*sides)).status_code == 200


@pytest.mark.parametrize("sides", [(9_401, 600), (10_500, 600), (2_600, 100), (100, 2_001)])
def test_telegram_takes_no_photo_that_is_larger_or_longer(simulator: Simulator, sides):
    drive = telegram.drive(simulator)
    answer = say(drive, "sendPhoto", photo=picture(*sides))
    assert (answer.status_code, answer.json()["description"]) == (
        400,
        "Bad Request: PHOTO_INVALID_DIMENSIONS",
    )
    assert drive.public() == []


def test_telegram_takes_a_text_link_only_with_its_url(simulator: Simulator):
    drive, link = telegram.drive(simulator), {"type": "text_link", "offset": 0, "length": 3}
    assert say(drive, "sendMessage", text="Coo", entities=[link]).status_code == 400
    linked = {**link, "url": "https://example.com"}
    odd = {**link, "type": "bold", "url": "https://example.com"}
    assert say(drive, "sendMessage", text="Coo", entities=[linked]).status_code == 200
    assert say(drive, "sendMessage", text="Coo", entities=[odd]).status_code == 400


def test_telegram_takes_no_public_poll_in_a_channel(simulator: Simulator):
    channel, group = telegram.drive(simulator), telegram.drive(simulator, telegram.new_id("-"))
    assert say(channel, "sendPoll", **POLL, is_anonymous=False).status_code == 400
    assert say(channel, "sendPoll", **POLL, is_anonymous=True).status_code == 200
    assert say(group, "sendPoll", **POLL, is_anonymous=False).status_code == 200


@pytest.mark.parametrize(("sides", "status"), [((5760, 5760), 200), ((6000, 6000), 422)])
def test_mastodon_takes_images_of_as_many_pixels_as_it_states(simulator, sides, status):
    file = {"file": ("a.png", picture(*sides), "image/png")}
    url = f"{mastodon.USUAL}/api/v2/media"
    assert ask(mastodon.drive(simulator), "POST", url, files=file).status_code == status


@pytest.mark.parametrize(
    "mentions",
    [
        {"parse": ["users", "users"]},
        {"parse": ["users"], "users": ["1"]},
        {"parse": ["roles"], "roles": ["1"]},
        {"parse": [], "users": ["1", "1"]},
        {"users": [str(n) for n in range(1, 102)]},
    ],
)
@pytest.mark.parametrize("kind", discord.MAKERS)
def test_discord_takes_no_mentions_that_contradict_each_other(simulator, kind: str, mentions):
    drive = discord.MAKERS[kind](simulator)
    assert send(drive, kind, mentions).status_code == 400
    assert drive.public() == []
    apart = {"parse": ["roles"], "users": ["1"], "replied_user": False}
    assert send(drive, kind, apart).status_code in (200, 201, 204)


def send(drive: Drive, kind: str, mentions: dict[str, Any]) -> httpx.Response:
    message: dict[str, Any] = {"content": "Coo", "allowed_mentions": mentions}
    account, token = drive.account.platform_account_id, drive.account.token
    if kind == "webhook":
        url = f"webhooks/{account}/{token}"
    else:
        url = f"channels/{account.partition('@')[2]}/{'threads' if kind == 'forum' else 'messages'}"
    body = {"name": "Coo", "message": message} if kind == "forum" else message
    bot = {"Authorization": f"Bot {token}"}
    return ask(drive, "POST", f"discord.com/api/v10/{url}", headers=bot, json=body)


def test_bluesky_reads_posts_only_by_uris_of_them(simulator: Simulator):
    drive = bluesky.drive(simulator)
    key = drive.finish(HELLO).id
    did = drive.account.platform_account_id
    statuses = {}
    for uri in (
        f"at://{did}/app.bsky.feed.post/{key}",
        f"at://{bluesky.new_did()}/app.bsky.feed.post/{key}",
        f"at://{did}/app.bsky.feed.like/{key}",
        f"https://bsky.app/profile/{did}/post/{key}",
        key,
        "at://",
        "",
    ):
        url = f"bsky.social/xrpc/app.bsky.feed.getPosts?uris={quote(uri, safe='')}"
        answer = ask(drive, "GET", url)
        statuses[uri] = (answer.status_code, len(answer.json().get("posts", ())))
    assert list(statuses.values()) == [(200, 1), (200, 0), (200, 0), *[(400, 0)] * 4]


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_linkedin_takes_no_raw_colons_in_an_address(simulator: Simulator, method: str):
    page = connect(simulator, "linkedin", str(bluesky.secrets.randbelow(10**15)))
    urn = page.finish(HELLO).id
    headers = {"LinkedIn-Version": "202611", "X-Restli-Protocol-Version": "2.0.0"}
    told = {**headers, **({"X-RestLi-Method": method} if method == "DELETE" else {})}
    for raw in (urn, urn.replace(":", "%3A", 1), urn.replace(":", "%3A", 2)):
        found = ask(page, method, f"api.linkedin.com/rest/posts/{raw}", headers=told)
        assert (raw, found.status_code) == (raw, 400)
    assert len(page.public()) == 1
    encoded = ask(page, method, f"api.linkedin.com/rest/posts/{quote(urn, safe='')}", headers=told)
    assert encoded.status_code in (200, 204)
