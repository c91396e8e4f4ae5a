"""How many links a post may have, and how long they and their texts may be, to be rewritten."""

import time

import pytest

from platforms.registry import ADAPTERS
from posts.features.links import hooks, short_links, text_urls
from posts.features.links.models import ShortLink
from posts.models import Post
from tests.factories import make_account
from tests.posts.conftest import refused

SHOP = "https://shop.example.com/spring"


def test_brackets_behind_a_link_hold_up_no_request(ada, x):
    linkedin = make_account(ada.workspace, "linkedin")
    body = {
        "content": "http://a.example/" + ")" * 60_000,
        "account_ids": [x.pk, linkedin.pk],
        "shorten_links": True,
    }
    began = time.process_time()

    refused(ada.post("/posts", body), 400, "content_too_long")

    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("http://a.example " * (hooks.TEXT_LINKS + 1), f"at most {hooks.TEXT_LINKS} of them"),
        (
            f"http://a.example/{'b' * hooks.LINK_CHARS}",
            f"at most {hooks.LINK_CHARS} characters",
        ),
    ],
)
def test_a_text_with_too_many_or_too_long_links_is_refused(ada, content, words):
    facebook = make_account(ada.workspace, "facebook")
    body = {"content": content, "account_ids": [facebook.pk], "shorten_links": True}

    said = refused(ada.post("/posts", body), 400, "validation_error")

    assert words in said["message"]
    assert ShortLink.objects.count() == Post.objects.count() == 0


def test_all_accounts_together_have_a_bounded_number_of_links(ada, x, monkeypatch):
    monkeypatch.setattr(hooks, "POST_LINKS", 3)
    other = make_account(ada.workspace, "x", name="@other")
    body = {"content": f"{SHOP} {SHOP}/b", "account_ids": [x.pk], "shorten_links": True}

    assert ada.post("/posts", body).status_code == 201
    said = refused(
        ada.post("/posts", body | {"account_ids": [x.pk, other.pk]}), 400, "validation_error"
    )

    assert "fewer accounts" in said["message"]
    assert (Post.objects.count(), ShortLink.objects.count()) == (1, 2)


def test_accounts_share_the_reading_of_a_text(ada, x, monkeypatch):
    other = make_account(ada.workspace, "x", name="@other")
    read = []
    monkeypatch.setattr(text_urls, "pieces", lambda text: read.append(text) or [text])

    body = {"content": SHOP, "account_ids": [x.pk, other.pk], "shorten_links": True}
    assert ada.post("/posts", body).status_code == 201

    assert read == [SHOP]


def test_no_network_takes_a_text_whose_links_are_not_rewritten():
    most = max(adapter.limits.text_chars for adapter in ADAPTERS.values())

    assert most < hooks.TEXT_CHARS


def test_a_code_that_is_taken_stays_with_its_link(ada, monkeypatch):
    body = {"account_ids": [make_account(ada.workspace).pk], "shorten_links": True}
    assert ada.post("/posts", {**body, "content": SHOP}).status_code == 201
    code = ShortLink.objects.get().code
    monkeypatch.setattr(short_links, "new_code", lambda: code)

    answer = ada.post("/posts", {**body, "content": "https://elsewhere.example"})

    assert answer.status_code == 500
    assert short_links.target(code) == SHOP
    assert Post.objects.count() == 1
