"""Keys, codes and events, and what a draft becomes. Examples of NIP-19 (read 2026-12-01)."""

import dataclasses
import json

import pytest

from platforms.drafts import Draft
from platforms.errors import Unsupported
from platforms.nostr import nip19, post, text
from platforms.nostr.adapter import ALL_BYTES, EVENT_BYTES, TEXT_CHARS, Nostr
from platforms.nostr.events import Key, is_genuine, tag_values
from platforms.nostr.post import About
from tests.platforms.nostr.facts import ABOUT, PIGEON
from tests.platforms.samples import CLIP, PHOTO, SHAPED

NSEC = "nsec1vl029mgpspedva04g90vltkh6fvh240zqtv9k0t9af8935ke9laqsnlfe5"
SECRET = "67dea2ed018072d675f5415ecfaed7d2597555e202d85b3d65ea4e58d2d92ffa"
NPUB = "npub10elfcs4fr0l0r8af98jlmgdh9c8tcxjvz9qkw038js35mp4dma8qzvjptg"
PUBKEY = "7e7e9c42a91bfef19fa929e5fda1b72e0ebc1a4c1141673e2794234d86addf4e"
NPROFILE = (
    "nprofile1qqsrhuxx8l9ex335q7he0f09aej04zpazpl0ne2cgukyawd24mayt8gpp4mhxue69uhhytnc9e3k7mgpz4mhx"
    "ue69uhkg6nzv9ejuumpv34kytnrdaksjlyr9p"
)
PROFILE = "3bf0c63fcb93463407af97a5e5ee64fa883d107ef9e558472c4eb9aaaefa459d"
KEY = Key(SECRET)
NOW = 1_790_000_000
RELAY = "wss://relay.example"
URL = "https://media.example/{}.jpg"
HASHES = {item.key: str(number) * 64 for number, item in enumerate((*CLIP.media, PHOTO), 1)}
FILES = {key: {"url": URL.format(value), "hash": value} for key, value in HASHES.items()}
EVENT = {"id": "e" * 64, "pubkey": PUBKEY, "kind": 1, "tags": []}


def events(draft: Draft, parent: dict | None = None) -> list[dict]:
    Nostr().check(draft)
    made = post.events(draft, KEY, NOW, About(FILES, parent, RELAY, "name"))
    assert all(map(is_genuine, made))
    return made


def test_a_key_is_read_in_both_forms():
    assert Key(NSEC).secret == Key(SECRET).secret == SECRET
    assert Key(NSEC).pubkey == PUBKEY
    assert nip19.npub(PUBKEY) == NPUB


@pytest.mark.parametrize(
    "given", ["", "0" * 64, "f" * 64, NPUB, NSEC[:-1], f"{NSEC[:-1]}4", SECRET[1:], SECRET.upper()]
)
def test_what_is_no_key_is_refused(given: str):
    with pytest.raises(ValueError, match=r"(?i)Nostr|key|secret"):
        Key(given)


def test_codes_name_people_and_posts():
    assert nip19.read(NPROFILE) == nip19.Entity("nprofile", PROFILE)
    assert nip19.read(nip19.nevent(PROFILE, PUBKEY)) == nip19.Entity("nevent", PROFILE, PUBKEY)
    facts = bytes((0, 5)) + b"doves" + bytes((2, 32)) + bytes.fromhex(PUBKEY) + bytes((3, 4))
    address = nip19.encode("naddr", facts + (30023).to_bytes(4))
    assert nip19.read(address) == nip19.Entity("naddr", "doves", PUBKEY, 30023)


@pytest.mark.parametrize(
    "code", [NPROFILE[:-1], NSEC, "npub1", "note1qqqqqqqqq", "coo", nip19.encode("npub", b"coo")]
)
def test_a_code_with_a_wrong_letter_names_nothing(code: str):
    assert nip19.read(code) is None


def test_an_event_that_was_changed_is_not_genuine():
    event = KEY.signed(1, "Coo\n\té\x7f\u2028", [["t", "doves"]], NOW)
    assert is_genuine(event)
    assert is_genuine(event, PUBKEY)
    assert not is_genuine(event, PROFILE)
    for name, value in (("content", "Roo"), ("sig", "0" * 128), ("created_at", 1), ("tags", [])):
        assert not is_genuine({**event, name: value}), name


def test_what_programs_write_differently_is_left_out():
    assert KEY.signed(1, "a\x00b\x1fc\ud800", [["t", "\x01x"]], NOW)["content"] == "abc"


def test_a_note_names_what_its_text_names():
    said = f"Coo @{NPUB}, see nostr:{ABOUT} #Doves #doves https://example.com/#no"
    [event] = events(Draft(said, settings={"hashtags": ["#Coo"], "contentWarning": "Doves"}))
    expected = f"Coo nostr:{NPUB}, see nostr:{ABOUT} #Doves #doves https://example.com/#no"
    assert (event["kind"], event["content"]) == (1, expected)
    quoted = nip19.read(ABOUT)
    assert quoted is not None
    assert event["tags"] == [
        ["p", PUBKEY],
        ["q", quoted.value, "", PIGEON],
        ["p", PIGEON],
        ["t", "doves"],
        ["t", "coo"],
        ["content-warning", "Doves"],
    ]


@pytest.mark.parametrize(
    "said", [f"https://njump.me/{NPUB}", f"x{NPUB}", f"me@{NPUB}", NPUB[:-1], f"{NPUB}x"]
)
def test_what_only_looks_like_a_name_is_left_as_it_is(said: str):
    [event] = events(Draft(said))
    assert (event["content"], event["tags"]) == (said, [])


def test_files_stand_below_a_note_with_their_facts():
    video = CLIP.media[0]
    shaped = dataclasses.replace(SHAPED, key=PHOTO.key)
    [event] = events(Draft("Look", (shaped, video)))
    urls = [FILES[item.key]["url"] for item in (shaped, video)]
    assert event["content"] == f"Look\n\n{urls[0]}\n{urls[1]}"
    first, second = tag_values(event, "imeta")
    size = f"size {shaped.size_bytes}"
    digest = f"x {HASHES[shaped.key]}"
    facts = [f"url {urls[0]}", "m image/jpeg", digest, size, "dim 1080x1080", "alt A dove"]
    assert first == facts
    assert second[:2] == [f"url {urls[1]}", "m video/mp4"]


def test_a_picture_has_a_title_and_its_types():
    [event] = events(Draft("Doves\nin a row", (PHOTO,), post_type="Picture"))
    assert (event["kind"], event["content"]) == (20, "Doves\nin a row")
    assert tag_values(event, "title") == [["Doves"]]
    assert tag_values(event, "m") == [["image/jpeg"]]
    assert tag_values(event, "x") == [[HASHES[PHOTO.key]]]


def test_an_article_has_a_name_and_a_cover():
    settings = {"title": "Of doves", "summary": "They coo."}
    other = dataclasses.replace(PHOTO, alt_text="A [dove]\nsits")
    [event] = events(Draft("# Coo", (PHOTO, other), settings, "Article"))
    url = FILES[PHOTO.key]["url"]
    assert (event["kind"], event["content"]) == (30023, f"# Coo\n\n![A dove sits]({url})")
    assert [tag[:3] for tag in tag_values(event, "imeta")] == 2 * [
        [f"url {url}", "m image/jpeg", f"x {HASHES[PHOTO.key]}"]
    ]
    assert event["tags"][:4] == [
        ["d", "name"],
        ["title", "Of doves"],
        ["summary", "They coo."],
        ["image", url],
    ]
    assert tag_values(event, "published_at") == [[str(NOW)]]


def test_the_parts_of_a_thread_reply_to_the_one_before():
    first, second, third = events(Draft("One", settings={"thread": ["Two #b", "Three"]}))
    assert first["tags"] == []
    root = ["e", first["id"], RELAY, "root"]
    assert second["tags"] == [[*root, PUBKEY], ["p", PUBKEY], ["t", "b"]]
    reply = ["e", second["id"], RELAY, "reply", PUBKEY]
    assert third["tags"] == [root, reply, ["p", PUBKEY]]
    assert [event["created_at"] - NOW for event in (first, second, third)] == [0, 1, 2]


def test_a_reply_names_the_first_post_and_the_people_of_its_thread():
    above = {**EVENT, "tags": [["e", "f" * 64, "", "root"], ["p", PROFILE]]}
    replied, second = events(Draft("Yes", settings={"replyTo": ABOUT, "thread": ["No"]}), above)
    root = ["e", "f" * 64, RELAY, "root"]
    reply = ["e", EVENT["id"], RELAY, "reply", PUBKEY]
    assert replied["tags"] == [root, reply, ["p", PUBKEY], ["p", PROFILE]]
    assert tag_values(second, "e")[0][0] == "f" * 64
    assert tag_values(second, "e")[1][0] == replied["id"]


@pytest.mark.parametrize("tags", [[], [["e", "a" * 64, "", "mention"]]])
def test_a_reply_to_a_first_post_names_it_once(tags: list):
    [event] = events(Draft("Yes", settings={"replyTo": ABOUT}), {**EVENT, "tags": tags})
    assert tag_values(event, "e") == [[EVENT["id"], RELAY, "root", PUBKEY]]


def test_the_first_of_unmarked_names_is_the_root():
    above = {**EVENT, "tags": [["e", "a" * 64], ["e", "b" * 64]]}
    [event] = events(Draft("Yes", settings={"replyTo": ABOUT}), above)
    assert [values[0] for values in tag_values(event, "e")] == ["a" * 64, EVENT["id"]]


def test_a_quote_stands_below_the_text():
    [event] = events(Draft("So", settings={"quote": f"https://njump.me/{ABOUT}?x=1"}))
    assert event["content"] == f"So\n\nnostr:{ABOUT}"
    assert tag_values(event, "p") == [[PIGEON]]


@pytest.mark.parametrize(
    ("draft", "said"),
    [
        (Draft(" "), "needs a text"),
        (Draft("A", settings={"title": "B"}), "option title is for Picture and Article"),
        (Draft("A", settings={"summary": "B"}), "is for Article"),
        (Draft("A", post_type="Article"), "needs a text and the option title"),
        (Draft(" ", settings={"title": "B"}, post_type="Article"), "needs a text"),
        (Draft("A", CLIP.media, {"title": "B"}, "Article"), "video"),
        (Draft("A", post_type="Picture"), "picture"),
        (Draft("A", CLIP.media, post_type="Picture"), "video"),
        (Draft("A", post_type="Story"), "knows Note, Picture, Article"),
        (Draft("A", (PHOTO,), {"thread": ["B"]}, "Picture"), "thread is for Note"),
        (Draft("A", settings={"thread": ["B", " "]}), "Part 3 of the thread is empty"),
        (Draft("A", settings={"quote": NPUB}), "option quote"),
        (Draft("A", settings={"replyTo": "https://example.com/"}), "option replyTo"),
        (Draft("A", settings={"hashtags": ["two words"]}), "hashtags are words"),
        (Draft("x" * (TEXT_CHARS + 1)), f"takes? {TEXT_CHARS}|take {TEXT_CHARS}"),
        (Draft("鳩" * (EVENT_BYTES // 3)), f"more than {EVENT_BYTES} bytes"),
        (Draft("x", settings={"thread": ["x" * 29_000] * 8}), f"more than {ALL_BYTES} bytes"),
    ],
)
def test_what_relays_would_not_take_is_refused_before(draft: Draft, said: str):
    with pytest.raises(Unsupported, match=said):
        Nostr().check(draft)


def test_the_longest_text_fits_into_an_event():
    draft = Draft("é" * (EVENT_BYTES // 2 - 1))
    [event] = events(draft)
    assert EVENT_BYTES < len(json.dumps(event, ensure_ascii=False).encode()) < 65_536


def test_codes_of_links_are_found():
    assert text.code_of(f"nostr:{ABOUT}") == text.code_of(f"https://njump.me/{ABOUT}/") == ABOUT
    assert text.code_of(f"https://njump.me/{ABOUT}x") == text.code_of(NPUB) == ""
