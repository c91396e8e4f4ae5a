"""How servers count a text, what they take, and how what they show is recognised."""

import pytest

from platforms.drafts import Draft
from platforms.errors import Unsupported
from platforms.mastodon.adapter import Mastodon
from platforms.mastodon.limits import COMMON, ServerLimits, stated
from platforms.mastodon.text import fingerprint, is_alike, measure, plain
from tests.platforms.driver import media

LINK = "https://mastodon.social/@alice/103254962155278888"
SHORTENED = (
    '<p>Read <a href="https://www.example.com/a"><span class="invisible">https://www.</span>'
    '<span class="ellipsis">example.com/a/long/way/to/go?x</span>'
    '<span class="invisible">=1&amp;y=2</span></a></p>'
)
MENTIONED = (
    '<p>Hi <span class="h-card"><a href="https://example.com/@alice">@<span>alice</span></a>'
    '</span>, <a href="/tags/doves">#<span>doves</span></a></p>'
)
LONG = {"text_chars": 5000, "media_items": 8, "poll_options": 8, "has_quotes": True}


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("abc", 3),
        ("e\u0301", 1),
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467", 1),
        (f"Read https://example.com/{'a' * 300} now", 5 + 23 + 4),
        ("http://a.be", 23),
        ("Hi @alice@example.com!", len("Hi @alice!")),
        ("Hi @alice", len("Hi @alice")),
        ("me@example.com", len("me@example.com")),
        # Punctuation that ends a link, or stands in it.
        (f"https://example.com|{'x' * 480}", 504),
        ("Read https://example.com.", 29),
        ("(https://example.com/a)", 25),
        ("https://example.com/a, b", 26),
        ("https://example.com/wiki/Dove_(bird)", 23),
        ("https://ja.example.com/\u9ce9_(\u9ce5)", 26),
        ("https://example.com/a|b^c{d}", 23),
        ("https://example.com/?q=\u9ce9\u3002", 23),
        ("\u300chttps://example.com/a\u300d", 25),
        ("https://example.com\u3001see", 27),
        ("gemini://example.com/a", 23),
        ("https://t.co/abc?x=1", 27),
        # What is no link for a server.
        ("https://localhost/a", 19),
        ("https://10.0.0.1/a", 18),
        ("https://example.invalid/a", 25),
        ("https://example.music/long/way/to/go", 36),
        (f"example.com/{'a' * 30}", 42),
        (f"xhttp://{'b' * 30}.com/example", 50),
        ("https://\U0001f54a.com/abcdefghijklmnopq", 31),
        # Mentions.
        ("@alice@b\u00fccher.example.", 7),
        ("@alice.@example.com", 19),
        ("@alice@example.com@x", 20),
        ("e\u0301@alice@example.com", 19),
        (f"@alice@{'b' * 254}.com", 265),
        ("https://example.com:80@alice@example.com", 41),
    ],
)
def test_a_text_is_counted_as_servers_do(text: str, count: int):
    assert measure(text, 500, 23).count == count
    assert Mastodon().text_length(text) == count


@pytest.mark.parametrize(
    ("text", "is_taken"),
    [
        (f"{'a' * 476} http://{'b' * 30}.com/example", True),
        (f"{'a' * 476}http://{'b' * 30}.com/example", False),
        (f"http://example.com/valid?#{'#foo?' * 1000}", False),
        (f"{'a' * 493} @alice@{'b' * 30}.com", True),
        (f"{'a' * 494} @alice@{'b' * 30}.com", False),
        (f"@alice@{'b' * 506}.com", False),
        ("\u2728" * 500, True),
        ("\U0001f3f3\ufe0f\u200d\u26a7\ufe0f" * 500, True),
    ],
)
def test_the_cases_that_mastodon_tests_its_validator_by_are_told_apart(text: str, is_taken: bool):
    assert (measure(text, 500, 23).count <= 500) is is_taken


def test_a_far_too_long_text_is_not_counted_to_its_end():
    length = Mastodon().measure("e\u0301" * 100_000, 500)
    assert (length.count > 500, length.is_exact) == (True, False)


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        (Draft("a" * 501), "text_too_long"),
        (Draft("a" * 499, settings={"spoilerText": "Oh"}), "text_too_long"),
        (Draft("One", settings={"thread": ["a" * 501]}), "text_too_long"),
        (Draft("One", settings={"thread": [" "]}), "unsupported"),
        (Draft(""), "unsupported"),
        (Draft("One", settings={"language": "english"}), "unsupported"),
        (Draft("One", settings={"visibility": "direct"}), "unsupported"),
        (Draft("One", settings={"replyTo": "https://example.com/1"}), "unsupported"),
        (Draft("One", settings={"quote": "alice"}), "unsupported"),
        (Draft("One", settings={"pollOptions": ["Yes"]}), "unsupported"),
        (Draft("One", settings={"pollOptions": ["Yes", "Yes"]}), "unsupported"),
        (Draft("One", settings={"pollOptions": list("abcde")}), "unsupported"),
        (Draft("One", settings={"pollOptions": ["Yes", "a" * 51]}), "unsupported"),
        (Draft("One", settings={"pollOptions": ["Yes", "No"], "pollSeconds": 60}), "unsupported"),
        (Draft("One", settings={"pollMultiple": True}), "unsupported"),
        (Draft("One", (media(),), {"pollOptions": ["Yes", "No"]}), "unsupported"),
        (Draft("One", settings={"focus": ["0.0,0.0"]}), "unsupported"),
        (Draft("One", (media(),), {"focus": ["2.0,0.0"]}), "unsupported"),
        (Draft("One", tuple(media() for _ in range(5))), "unsupported"),
        (Draft("One", (media(kind="video"), media(kind="video"))), "unsupported"),
        (Draft("One", (media(kind="document"),)), "unsupported"),
        (Draft("One", (media(alt_text="a" * 1501),)), "unsupported"),
    ],
)
def test_what_servers_do_not_take_is_refused(draft: Draft, code: str):
    with pytest.raises(Unsupported) as caught:
        Mastodon().check(draft)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "settings",
    [
        {"visibility": "private", "spoilerText": "Doves", "sensitive": True, "language": "pt-BR"},
        {"pollOptions": ["Yes", "No"], "pollSeconds": 300, "pollMultiple": True},
        {"replyTo": LINK, "quote": f"{LINK}?x=1", "quotePolicy": "nobody"},
        {"thread": ["Two", "Three"]},
    ],
)
def test_what_servers_take_is_taken(settings: dict):
    Mastodon().check(Draft("One", settings=settings))


def test_a_draft_is_held_to_what_its_own_server_takes():
    adapter = Mastodon()
    more = Draft("a" * 5000, tuple(media() for _ in range(8)), server=LONG)
    adapter.check(more)
    assert adapter.limits_for(more).text_chars == 5000
    adapter.check(Draft("One", settings={"pollOptions": list("abcdefgh")}, server=LONG))
    with pytest.raises(Unsupported) as caught:
        adapter.check(Draft("a" * 5001, server=LONG))
    assert caught.value.code == "text_too_long"
    with pytest.raises(Unsupported):
        adapter.check(Draft("One", settings={"quote": LINK}, server={"has_quotes": False}))


def test_a_draft_keeps_what_its_server_takes():
    draft = Draft("One", server=LONG)
    assert Draft.from_json(draft.as_json()) == draft
    assert "server" not in Draft("One").as_json()


def test_a_servers_description_becomes_its_limits():
    told = {
        "configuration": {
            "statuses": {"max_characters": 9000, "characters_reserved_per_url": 32},
            "media_attachments": {
                "supported_mime_types": ["image/png", "audio/mpeg", "video/mp4"],
                "video_matrix_limit": 2_304_000,
            },
        },
        "api_versions": {"mastodon": 7},
    }
    found = stated(told)
    assert (found.text_chars, found.url_chars, found.has_quotes) == (9000, 32, True)
    assert (found.image_types, found.video_types) == (("image/png",), ("video/mp4",))
    assert found.media_items == COMMON.media_items
    rule = found.limits().video
    assert rule is not None
    assert (rule.max_width, rule.max_height) == (2023, 1137)
    assert ServerLimits.of(found.as_json()) == found


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"configuration": []},
        {"configuration": {"statuses": {"max_characters": -1}}},
        {"configuration": {"statuses": {"max_characters": "many"}}},
        {"configuration": {"statuses": {"max_characters": 2**70}}},
        {"configuration": {"media_attachments": {"supported_mime_types": "all"}}},
    ],
)
def test_what_a_server_does_not_state_is_as_common(told: dict):
    found = stated(told)
    assert (found.limits(), found.has_quotes) == (COMMON.limits(), False)


def test_a_length_that_is_stated_outside_counts_too():
    assert stated({"max_toot_chars": 4000}).text_chars == 4000


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("Hello", "<p>Hello</p>"),
        ("One\n\nTwo & <b>", "<p>One</p><p>Two &amp; &lt;b&gt;</p>"),
        (
            "Read https://www.example.com/a/long/way/to/go?x=1&y=2",
            SHORTENED,
        ),
        (
            "Hi @alice@example.com, #doves",
            MENTIONED,
        ),
        # As snac 2.75 formats a text.
        ("**Bold** and *it* `code`", "<b>Bold</b> and <i>it</i> <code>code</code><br>"),
        (
            "Look",
            '<p class="quote-inline">RE: <a href="https://a.example/1">a.example/1</a></p><p>Look</p>',
        ),
        ("\U0001f54a\U0001f54a", "<p>\U0001f54a\U0001f54a</p>"),
        ("A\u030a", "<p>\u00c5</p>"),
    ],
)
def test_what_a_server_shows_of_a_text_is_recognised(sent: str, shown: str):
    assert fingerprint(plain(shown)) == fingerprint(sent)


@pytest.mark.parametrize("other", ["Hello again", "Hell", "", "\U0001f54a"])
def test_another_text_is_not_taken_for_it(other: str):
    assert fingerprint(plain(f"<p>{other}</p>")) != fingerprint("Hello")


@pytest.mark.parametrize(
    ("sent", "shown", "alike"),
    [
        ("Hello again", "Hello", True),
        ("Hello", "Hello, edited", True),
        ("[The loft](https://example.com/a) is open", "The loft is open now", True),
        ("The loft is open", "The door is shut", True),
        ("The loft is open", "Doves sleep", False),
        ("hello", "goodbye", False),
        ("", "", True),
        ("", "hello", False),
    ],
)
def test_texts_that_a_server_may_have_changed_look_alike(sent: str, shown: str, alike: bool):
    assert is_alike(sent, shown) is alike
