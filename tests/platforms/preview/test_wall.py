"""What a preview says is what the network's readers get: compared with the simulator's wall."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from platforms.drafts import Credentials, Draft, Media
from platforms.errors import Unsupported
from platforms.nostr import nip19
from platforms.outcomes import Published
from platforms.preview.shapes import Preview
from platforms.registry import ADAPTERS
from tests.conftest import Simulator
from tests.platforms.driver import Drive, clip, image, media
from tests.platforms.facebook.videos import upright
from tests.platforms.nostr import account as nostr

WORDS = "A loft opens #today in Lisbon, by @acme: é 👨‍👩‍👧‍👦 שלום https://example.com/loft."
NPUB = nip19.npub(nostr.id_of("9009"))
ACCOUNTS = {
    "x": "9001",
    "instagram": "17841400000009002",
    "linkedin": "9003",
    "facebook": "9004",
    "tiktok": "open-9005",
    "youtube": "UC9006",
    "threads": "24000000000009007",
    "nostr": nostr.id_of("9008"),
}
#: What credentials have beside the token.
EXTRA = {"nostr": nostr.FACTS}


def picture(number: int = 0, alt_text: str = "") -> Media:
    content = image(640, 640 + number, "JPEG")
    return media(content, content_type="image/jpeg", alt_text=alt_text, width=640, height=640)


def a_video() -> Media:
    return media(clip(), "video", width=720, height=1280, duration_seconds=3)


def page() -> Media:
    return media(b"%PDF-1.4 a page", "document", filename="lofts.pdf", pages=1)


@dataclass(frozen=True)
class Case:
    network: str
    draft: Draft


def case(network: str, *files: Media, text: str = WORDS, kind: str = "", **settings: Any) -> Case:
    return Case(network, Draft(text, files, settings, kind))


def cases() -> dict[str, Case]:
    reel, thumbnail = media(upright(), "video"), picture(7)
    pictures = [picture(1, "One"), picture(2), picture(3, "Three")]
    plain = [picture(4), picture(5)]
    card = {"link": "https://example.com/loft", "linkTitle": "A loft", "linkDescription": "New"}
    return {
        "x text": case("x"),
        "x thread": case("x", thread=["Two #a", "Three https://example.com"]),
        "x images": case("x", *pictures),
        "x video": case("x", a_video()),
        "instagram image": case("instagram", picture(1), altText="A loft", firstComment="Hi"),
        "instagram carousel": case("instagram", *pictures, a_video(), firstComment="Hi"),
        "instagram reel": case("instagram", a_video(), kind="Reels", coverPhotoTimestamp=1500),
        "instagram trial reel": case("instagram", a_video(), kind="Trial Reel"),
        "instagram story": case("instagram", picture(1), kind="Story"),
        "instagram video story": case("instagram", a_video(), kind="Story"),
        "linkedin text": case("linkedin", text=f"{WORDS} @[Ada L](urn:li:person:abc) (*)"),
        "linkedin image": case("linkedin", picture(1, "One")),
        "linkedin images": case("linkedin", *pictures),
        "linkedin document": case("linkedin", page(), documentTitle="Our lofts"),
        "linkedin link": case("linkedin", picture(1), **card),
        "linkedin poll": case(
            "linkedin", pollQuestion="Which?", pollOptions=["This", "That"], pollDuration="ONE_DAY"
        ),
        "linkedin connections": case("linkedin", visibility="CONNECTIONS"),
        "facebook text": case("facebook", firstComment="Hi"),
        "facebook link": case("facebook", link="https://example.com/loft"),
        "facebook image": case("facebook", picture(1, "One")),
        "facebook images": case("facebook", *pictures, firstComment="Hi"),
        "facebook video": case("facebook", a_video(), title="Lofts"),
        "facebook reel": case("facebook", reel, kind="Reels", title="Lofts"),
        "facebook story": case("facebook", picture(1), kind="Story"),
        "facebook video story": case("facebook", reel, kind="Story"),
        "tiktok video": case("tiktok", a_video(), videoCoverTimestampMs=1000),
        "tiktok pulled video": case("tiktok", a_video(), transfer="PULL_FROM_URL"),
        "tiktok photos": case("tiktok", *plain, title="Lofts", photoCoverIndex=1),
        "youtube video": case("youtube", a_video(), text="First line\nSecond", kind="Video"),
        "youtube private": case("youtube", a_video(), title="Lofts", privacyStatus="private"),
        "youtube short": case("youtube", a_video(), kind="Short"),
        "youtube thumbnail": case(
            "youtube", a_video(), thumbnail, kind="Video", useImageAsThumbnail=True
        ),
        "threads text": case("threads"),
        "threads thread": case("threads", thread=["Two #a", "Three"]),
        "threads link": case("threads", text="Hi", linkAttachment="https://example.com/loft"),
        "threads image": case("threads", picture(1), altText="A loft"),
        "threads carousel": case("threads", *pictures, a_video()),
        "threads video": case("threads", a_video()),
        "nostr note": case("nostr", kind="Note", text=f"{WORDS} {NPUB}"),
        "nostr thread": case("nostr", thread=["Two #a", "Three https://example.com"]),
        "nostr files": case("nostr", *pictures, a_video()),
        "nostr pictures": case("nostr", *pictures, kind="Picture"),
        "nostr article": case("nostr", *pictures[:1], kind="Article", title="Lofts"),
    }


CASES = cases()


def published(case: Case, simulator: Simulator) -> tuple[Preview, list[dict[str, Any]]]:
    """The preview, and the public posts that the draft became, the first of a thread first."""
    adapter, account = ADAPTERS[case.network], ACCOUNTS[case.network]
    token = simulator.connect(case.network, account)
    before = len(simulator.posts(case.network, account))
    adapter.check(case.draft)
    extra = EXTRA.get(case.network, {})
    drive = Drive(adapter, Credentials(account, "acme", token, extra=extra), simulator)
    assert isinstance(drive.finish(case.draft), Published)
    posts = simulator.posts(case.network, account)
    return adapter.preview(case.draft), posts[: len(posts) - before][::-1]


@pytest.mark.parametrize("name", CASES)
def test_the_wall_gets_what_the_preview_shows(name, simulator):
    shown, posts = published(CASES[name], simulator)

    assert [part.text.whole for part in shown.parts] == [post["text"] for post in posts]
    for part, post in zip(shown.parts, posts, strict=True):
        sent = [opened(item.media) for item in part.items]
        on_wall = [simulator.http.get(f"/files/{each}").content for each in post["media"]]
        if shown.kind == "link" and shown.link_card.image:
            sent = [opened(shown.link_card.image)]
        assert sent == on_wall
        alts = post["extra"].get("alt")
        if alts and shown.kind != "link":
            assert [item.media.alt_text for item in part.items] == alts
    first = posts[0]["extra"]
    assert (shown.title.whole or "") == title(CASES[name], first)
    assert [shown.first_comment] * bool(shown.first_comment) == first.get("comments", [])
    SAME[CASES[name].network](shown, posts[0], simulator)


def opened(item: Media) -> bytes:
    assert item.open is not None
    return item.open().read()


def title(case: Case, extra: Mapping[str, Any]) -> str:
    if case.network == "linkedin":
        return str((extra["content"].get("media") or {}).get("title", ""))
    return str(extra.get("title", ""))


def same_on_x(shown: Preview, post: Mapping[str, Any], simulator: Simulator) -> None:
    assert (shown.link_card is None) == (bool(post["media"]) or "https://" not in post["text"])


def same_on_instagram(shown: Preview, post: Mapping[str, Any], simulator: Simulator) -> None:
    kinds = {"IMAGE": "image", "CAROUSEL_ALBUM": "carousel", "REELS": "reel", "STORY": "story"}
    product = post["extra"].get("product") or post["extra"]["media_type"]
    kind = kinds.get(product) or kinds[post["extra"]["media_type"]]
    assert shown.kind == kind
    if shown.kind == "reel":
        assert shown.cover.at_ms == int(post["extra"].get("thumb_offset") or 0)


def same_on_linkedin(shown: Preview, post: Mapping[str, Any], simulator: Simulator) -> None:
    content = post["extra"]["content"]
    article, poll = content.get("article"), content.get("poll")
    assert (shown.link_card is not None, shown.poll is not None) == (bool(article), bool(poll))
    if article:
        card = shown.link_card
        assert (card.url, card.title, card.text) == (
            article["source"],
            article["title"],
            article["description"],
        )
    if poll:
        assert shown.poll.question == poll["question"]
        assert [{"text": each} for each in shown.poll.options] == poll["options"]
    assert (shown.visibility == "connections") == (post["extra"]["visibility"] == "CONNECTIONS")


def same_on_facebook(shown: Preview, post: Mapping[str, Any], simulator: Simulator) -> None:
    kinds = {"reel": "Reel", "story": "Story"}
    assert kinds.get(shown.kind, "") == post["extra"].get("kind", "")
    assert (shown.link_card.url if shown.link_card else "") == post["extra"].get("link", "")


def same_on_tiktok(shown: Preview, post: Mapping[str, Any], simulator: Simulator) -> None:
    extra = post["extra"]
    if shown.kind == "video":
        assert shown.cover.at_ms == extra.get("video_cover_timestamp_ms", 0)
    else:
        index = extra["photo_cover_index"]
        assert shown.cover.media == shown.parts[0].items[index].media


def same_on_youtube(shown: Preview, post: Mapping[str, Any], simulator: Simulator) -> None:
    assert shown.visibility == post["extra"]["privacyStatus"]
    assert (shown.kind == "short") == (post["extra"]["kind"] == "Short")


def same_on_threads(shown: Preview, post: Mapping[str, Any], simulator: Simulator) -> None:
    link = post["extra"].get("link", "")
    if link:
        assert shown.link_card.url == link
    if post["media"]:
        assert shown.link_card is None


def same_on_nostr(shown: Preview, post: Mapping[str, Any], simulator: Simulator) -> None:
    assert shown.text_below == (post["extra"]["event"]["kind"] == 20)
    assert (shown.link_card is None) == (bool(post["media"]) or "https://" not in post["text"])


SAME = {
    "x": same_on_x,
    "instagram": same_on_instagram,
    "linkedin": same_on_linkedin,
    "facebook": same_on_facebook,
    "tiktok": same_on_tiktok,
    "youtube": same_on_youtube,
    "threads": same_on_threads,
    "nostr": same_on_nostr,
}


PIECES = [
    "word ", "#tag ", "@acme ", "https://example.com/a?b=c#d ", "example.com ", "\n", "\n\n",
    "👨‍👩‍👧‍👦", "🇵🇹", "é", "e\u0301", "שלום ", "اسم ", "한국 ", "(x) ", "[y] ", "{z} ", "*_~ ",
    "@[Ada](urn:li:person:a1) ", "#1 ", "a@b.example ", "C# ", "…",
]  # fmt: skip


@pytest.mark.parametrize("network", ["x", "linkedin", "facebook", "threads"])
def test_any_text_is_shown_as_it_is_public(network, simulator):
    chance = random.Random(network)
    for number in range(12):
        text = f"{number} " + "".join(chance.choices(PIECES, k=chance.randrange(1, 14)))
        text += "end"
        more = {"thread": [f"{number} and {text[:60]}"]} if network in ("x", "threads") else {}
        made = case(network, text=text, **more)
        try:
            shown, posts = published(made, simulator)
        except Unsupported:
            continue
        assert [part.text.whole for part in shown.parts] == [post["text"] for post in posts]


def test_every_type_of_post_has_a_case():
    for key, adapter in ADAPTERS.items():
        asked = {each.draft.post_type for each in CASES.values() if each.network == key}
        assert set(adapter.post_types) - {"Post"} <= asked
