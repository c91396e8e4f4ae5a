"""How Bluesky counts a text, and what of it readers can follow."""

import base64
import json

import pytest

from deploy.simulator.bluesky.rules import POST, Rules
from platforms.bluesky import facets
from platforms.bluesky.adapter import Bluesky
from platforms.bluesky.records import cid_of
from platforms.drafts import Draft
from platforms.errors import Unsupported
from platforms.text import graphemes
from tests.platforms.driver import media

REPLIED = "https://bsky.app/profile/dora.bsky.social/post/3l6oveex3ii2l"
DIDS = {"alice.bsky.social": "did:plc:alice"}


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("abc", 3),
        ("e\u0301", 1),
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467", 1),
        ("\U0001f44d\U0001f3fd", 1),
        ("\u2764\ufe0f\U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7", 3),
        ("\U0001f1e9\U0001f1ea\U0001f1eb", 2),
        ("1\ufe0f\u20e3", 1),
        ("a\u200db", 2),
        ("\r\n", 1),
        ("\ud55c\uae00", 2),
        ("\u1112\u1161\u11ab", 1),
        ("\u0915\u094d\u0937\u093f", 1),
        ("\u0e01\u0e33", 1),
        ("\u1018\u102c\u101e\u102c", 4),
        ("\u1000\u1039\u1000", 1),
        ("a\u200d\u263a", 2),
        ("\u263a\u200d\u263a", 1),
        ("\u094d\u0915", 2),
        ("\u0915\u094d\u0905", 2),
        ("\u0915\u094d\u65e5", 2),
        ("\u200b\u0301", 2),
        ("\u1112\u1112\u1161", 1),
    ],
)
def test_a_visible_character_counts_as_one(text: str, count: int):
    # As graphemeLen of npm @atproto/lex-data counts 3,000 emoji and these (run 2026-11-30).
    assert graphemes(text) == count


def shown(text: str) -> list[tuple[str, str]]:
    """Each feature, and the bytes that it covers."""
    found = []
    for facet in facets.facets(text, DIDS):
        index, feature = facet["index"], facet["features"][0]
        covered = text.encode()[index["byteStart"] : index["byteEnd"]].decode()
        found.append((feature["$type"].partition("#")[2], covered))
    return found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("\u00fc\U0001f54a https://example.com/\u00e4 x", [("link", "https://example.com/\u00e4")]),
        ("(https://example.com).", [("link", "https://example.com")]),
        (
            "https://en.wikipedia.org/wiki/Dove_(bird)",
            [("link", "https://en.wikipedia.org/wiki/Dove_(bird)")],
        ),
        ("example.com and https://", []),
        ("Hi @alice.bsky.social!", [("mention", "@alice.bsky.social")]),
        ("Hi @Alice.Bsky.Social.", [("mention", "@Alice.Bsky.Social")]),
        ("Hi @bob.bsky.social", []),
        ("me@alice.bsky.social @alice", []),
        ("#doves, #2 #\u9ce9 #a-b.", [("tag", "#doves"), ("tag", "#\u9ce9"), ("tag", "#a-b")]),
        (f"#{'a' * 64} #{'a' * 65}", [("tag", f"#{'a' * 64}")]),
        ("https://example.com/#top", [("link", "https://example.com/#top")]),
    ],
)
def test_links_mentions_and_tags_are_found_at_their_bytes(text: str, found: list):
    assert shown(text) == found


#: Source: packages/api/tests/rich-text-detection.test.ts of github.com/bluesky-social/atproto (read
#: 2026-12-03): what a tag is, and what none.
TAGS = {
    "#a": ["a"],
    "#a #b": ["a", "b"],
    "#1": [],
    "#1a": ["1a"],
    "body #tag body": ["tag"],
    "#": [],
    "#?": [],
    "text # text": [],
    f"body #{'a' * 64}!": ["a" * 64],
    f"body #{'a' * 65}": [],
    "its a #double#rainbow": ["double#rainbow"],
    "##hashash": ["#hashash"],
    "##": [],
    "some #n0n3s@n5e!": ["n0n3s@n5e"],
    "works #with,punctuation": ["with,punctuation"],
    "trailing #punctuation, #like. #this!": ["punctuation", "like", "this"],
    "strips #multi_trailing___...": ["multi_trailing"],
    "#\U0001f98b, and #butter\U0001f98bfly": ["\U0001f98b", "butter\U0001f98bfly"],
    "#same #same": ["same", "same"],
    "this #\ufe0f\u20e3tag is none": [],
    "this ##\ufe0f\u20e3tag is one": ["#\ufe0f\u20e3tag"],
    "this #t\nag": ["t"],
    "#\u200b": [],
    "#\u200ba": [],
    "#a\u200bb": ["a"],
    "#ab\u200b": ["ab"],
    "#\u20e2tag": [],
    "#a\u20e2b": ["a"],
    "full width \uff03tag": ["tag"],
    "full width \uff03#\ufe0f\u20e3tag": ["#\ufe0f\u20e3tag"],
    "#1?": [],
    "(#tag)": [],
    "$AAPL": ["$AAPL"],
    "$aapl": ["$AAPL"],
    "$a": ["$A"],
    "$BTC $ETH": ["$BTC", "$ETH"],
    "$100": [],
    "$GOOGL": ["$GOOGL"],
    "$TOOLONG": [],
    "check $LEGO now": ["$LEGO"],
    "($GOOG)": ["$GOOG"],
    "$AAPL, $MSFT!": ["$AAPL", "$MSFT"],
    "no$SPACE": [],
    "$": [],
    "$ AAPL": [],
    "$123ABC": [],
    "$ABC12": ["$ABC12"],
    "$ABC123": [],
}


@pytest.mark.parametrize("text", TAGS)
def test_tags_are_those_of_the_published_cases(text: str):
    found = facets.facets(text, {})
    assert [each["features"][0]["tag"] for each in found] == TAGS[text]
    record = {"$type": POST, "text": text, "createdAt": "2026-12-03T00:00:00Z"}
    record |= {"facets": found} if found else {}
    assert Rules("did:plc:a").problem(POST, "3l6oveex3ii2l", record, "$") == ""


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        (Draft("a" * 301), "text_too_long"),
        (Draft("\U0001f468\u200d\U0001f469\u200d\U0001f467" * 170), "text_too_long"),
        (Draft("One", settings={"thread": ["a" * 301]}), "text_too_long"),
        (Draft("One", settings={"thread": [" "]}), "unsupported"),
        (Draft(""), "unsupported"),
        (Draft("One", settings={"languages": ["english"]}), "unsupported"),
        (Draft("One", settings={"labels": ["spoiler"]}), "unsupported"),
        (Draft("One", settings={"quote": "https://example.com/1"}), "unsupported"),
        (Draft("One", settings={"link": "ftp://example.com"}), "unsupported"),
        (Draft("One", settings={"link": "https://example.com", "linkCard": False}), "unsupported"),
        (Draft("One", (media(),), {"link": "https://example.com"}), "unsupported"),
        (Draft("One", settings={"replyControl": "friends"}), "unsupported"),
        (Draft("One", settings={"replyControl": "nobody", "replyTo": REPLIED}), "unsupported"),
    ],
)
def test_what_bluesky_cannot_carry_is_refused(draft: Draft, code: str):
    with pytest.raises(Unsupported) as caught:
        Bluesky().check(draft)
    assert caught.value.code == code


def test_a_text_of_300_visible_characters_is_taken():
    Bluesky().check(Draft("\U0001f54a" * 300))


def test_a_far_too_long_text_is_not_counted_to_its_end():
    length = Bluesky().measure("e\u0301" * 100_000, 300)
    assert (length.count > 300, length.is_exact) == (True, False)


#: Source: github.com/bluesky-social/atproto, interop-test-files/data-model (read 2026-11-30).
FIXTURE = (
    "p2Rib29s9WRudWxs9mVhcnJheYNjYWJjY2RlZmNnaGlmb2JqZWN0pGNhcnKDY2FiY2NkZWZjZ2hpZGJvb2z1Zm51bWJl"
    "chh7ZnN0cmluZ2NhYmNmc3RyaW5nY2FiY2dpbnRlZ2VyGHtndW5pY29kZXgvYX7DtsOxwqnivZjimI7wk4uT8J+YgPCf"
    "kajigI3wn5Gp4oCN8J+Rp+KAjfCfkac="
)
FIXTURE_CID = "bafyreiclp443lavogvhj3d2ob2cxbfuscni2k5jk7bebjzg7khl3esabwq"


def test_a_record_has_the_identifier_that_a_server_gives_it():
    words = base64.b64decode(FIXTURE)[-47:].decode()
    record = {
        "string": "abc",
        "unicode": words,
        "integer": 123,
        "bool": True,
        "null": None,
        "array": ["abc", "def", "ghi"],
        "object": {"string": "abc", "number": 123, "bool": True, "arr": ["abc", "def", "ghi"]},
    }
    assert cid_of(record) == FIXTURE_CID
    assert cid_of(json.loads(json.dumps(record))) == FIXTURE_CID


def test_a_record_with_a_file_has_the_identifier_of_the_reference_implementation():
    blob = {
        "$type": "blob",
        "ref": {"$link": "bafkreiccldh766hwcnuxnf2wh6jgzepf2nlu2lvcllt63eww5p6chi4ity"},
        "mimeType": "image/jpeg",
        "size": 1_900_000,
    }
    picture = {"image": blob, "alt": "", "aspectRatio": {"width": 1200, "height": 800}}
    record = {
        "$type": "app.bsky.feed.post",
        "text": "Look \U0001f54a",
        "createdAt": "2026-11-30T12:00:00.000Z",
        "langs": ["en"],
        "embed": {"$type": "app.bsky.embed.images", "images": [picture]},
    }
    # Made by cidForCbor of npm @atproto/common (run 2026-11-30).
    assert cid_of(record) == "bafyreif2d7iwsanyfndop4e5zbj7yhn3ts73ihl7jjj7qwd6v6lhm5kl5m"
