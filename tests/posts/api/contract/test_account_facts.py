"""Posts are held to what their very account takes: a board, a channel, a server, a page."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from destinations.accounts import encryption
from destinations.models import Account, Destination
from posts.models import Post
from tests.factories import make_account
from tests.posts.conftest import data_of, refused
from tests.posts.factories import FUTURE, make_media

THERE = "https://mastodon.social/@dora/1"
FORUM, PAGE = {"kind": "forum"}, {"author": "urn:li:organization:1"}
MEDIA = {"relays": "wss://a.example", "media": "https://blossom.example"}
BOT, HOOK = "1@2", "3"


def account(caller, platform: str, number: str, extra: dict) -> Account:
    return make_account(caller.workspace, platform, platform_account_id=number, extra=extra)


def body(to: Account, settings: dict, **more):
    content = {to.platform: {"settings": settings}} if settings else {}
    fields = {"content": "Coo", "platform_content": content, "account_ids": [to.pk]}
    return {**fields, "scheduled_at": FUTURE, **more}


#: platform, the account's id, its facts, options → a word of the refusal; blank: it is taken.
CASES = [
    ("pinterest", "11", {}, {"boardId": "12"}, "the board 11"),
    ("pinterest", "11", {}, {"boardId": "11"}, ""),
    ("discord", BOT, {}, {"threadName": "Doves"}, "no forum"),
    ("discord", BOT, {}, {"threadTags": ["News"]}, "no forum"),
    ("discord", BOT, FORUM, {"threadName": "Doves", "threadTags": ["News"]}, ""),
    ("discord", BOT, FORUM, {"crosspost": True}, "announcement"),
    ("discord", BOT, {}, {"crosspost": True}, ""),
    ("discord", HOOK, {}, {"crosspost": True}, "announcement"),
    ("discord", HOOK, {}, {"threadName": "Doves"}, ""),
    ("mastodon", "1@fosstodon.org", {}, {"replyTo": THERE}, "fosstodon.org"),
    ("mastodon", "1@fosstodon.org", {}, {"quote": THERE}, "fosstodon.org"),
    ("mastodon", "1@mastodon.social", {}, {"replyTo": THERE, "quote": THERE}, ""),
    ("linkedin", "1", PAGE, {"visibility": "CONNECTIONS"}, "no connections"),
    ("linkedin", "a", {"author": "urn:li:person:a"}, {"visibility": "CONNECTIONS"}, ""),
]


@pytest.mark.parametrize(("platform", "number", "extra", "options", "words"), CASES)
def test_what_only_this_account_cannot_carry_is_refused_at_once(
    ada, platform, number, extra, options, words
):
    to, is_pin = account(ada, platform, number, extra), platform == "pinterest"
    files = {"media_ids": [str(make_media(ada.workspace).pk)]} if is_pin else {}
    sent = body(to, options, **files)
    shown = data_of(ada.post("/posts/validate", sent))["accounts"][0]
    assert (shown["valid"], words in str(shown)) == (not words, True)
    if words:
        error = refused(ada.post("/posts", sent), 400, "post_creation_failed")
        assert (words in error["message"], Post.objects.count()) == (True, 0)
    else:
        assert ada.post("/posts", sent).status_code == 201


def test_a_picture_needs_an_account_with_a_place_for_it(ada):
    files = {"media_ids": [str(make_media(ada.workspace).pk)]}
    without = account(ada, "nostr", "a" * 64, {"relays": "wss://a.example", "media": ""})
    refused(ada.post("/posts", body(without, {}, **files)), 400, "post_creation_failed")
    assert ada.post("/posts", body(without, {})).status_code == 201
    within = account(ada, "nostr", "b" * 64, MEDIA)
    assert ada.post("/posts", body(within, {}, **files)).status_code == 201


def test_of_two_accounts_only_the_one_that_cannot_carry_it_is_named(ada):
    forum, channel = account(ada, "discord", BOT, FORUM), account(ada, "discord", "1@5", {})
    sent = body(forum, {"threadName": "Doves"}) | {"account_ids": [forum.pk, channel.pk]}
    shown = data_of(ada.post("/posts/validate", sent))["accounts"]
    assert [(each["account_id"], each["valid"]) for each in shown] == [
        (forum.pk, True),
        (channel.pk, False),
    ]


def test_an_edit_is_held_to_it_too(ada):
    to = account(ada, "discord", BOT, {})
    made = data_of(ada.post("/posts", body(to, {})), 201)
    changed = {"platform_content": {"discord": {"settings": {"threadName": "Doves"}}}}
    refused(ada.patch(f"/posts/{made['post_id']}", changed), 400, "post_creation_failed")
    assert Destination.objects.get().draft["settings"] == {}


def test_an_account_whose_facts_cannot_be_read_is_not_judged_by_them(ada):
    to = account(ada, "discord", BOT, {})
    Account.objects.filter(pk=to.pk).update(credentials="sealed with a key of before")
    assert ada.post("/posts", body(to, {"threadName": "Doves"})).status_code == 201


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The credentials that are decrypted in a test."""
    seen: list[str] = []
    open_one = encryption._open
    monkeypatch.setattr(
        encryption, "_open", lambda token, keys: seen.append(token) or open_one(token, keys)
    )
    return seen


def statements(asked: CaptureQueriesContext) -> list[str]:
    """Those that read credentials."""
    return [each["sql"] for each in asked if '"credentials"' in each["sql"]]


def test_no_credential_is_read_for_a_plain_text(ada, opened):
    facts = [("linkedin", "1", PAGE), ("discord", BOT, FORUM), ("nostr", "a" * 64, MEDIA)]
    everywhere = [account(ada, *each).pk for each in facts]
    sent = {"content": "Coo", "account_ids": everywhere, "scheduled_at": FUTURE}
    with CaptureQueriesContext(connection) as asked:
        assert ada.post("/posts/validate", sent).status_code == 200
        made = data_of(ada.post("/posts", sent), 201)
        edited = ada.patch(f"/posts/{made['post_id']}", {"content": "Coo again"})
    assert edited.status_code == 200
    assert (opened, statements(asked)) == ([], [])


def test_credentials_of_the_one_network_that_needs_them_are_read_at_once(ada, opened):
    pages = [account(ada, "linkedin", str(number), PAGE).pk for number in range(3)]
    forums = [account(ada, "discord", f"1@{number}", FORUM).pk for number in range(3)]
    options = {"discord": {"settings": {"threadName": "Doves"}}}
    fields = {"content": "Coo", "platform_content": options, "account_ids": [*pages, *forums]}
    with CaptureQueriesContext(connection) as asked:
        assert ada.post("/posts", {**fields, "scheduled_at": FUTURE}).status_code == 201
    assert (len(opened), len(statements(asked))) == (3, 1)
