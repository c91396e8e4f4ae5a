"""A code stands for one link forever."""

from posts.features.links import short_links
from posts.features.links.models import ShortLink
from posts.models import Post
from tests.factories import make_account

SHOP = "https://shop.example.com/spring"


def test_a_code_that_is_taken_stays_with_its_link(ada, monkeypatch):
    body = {"account_ids": [make_account(ada.workspace).pk], "shorten_links": True}
    assert ada.post("/posts", {**body, "content": SHOP}).status_code == 201
    code = ShortLink.objects.get().code
    monkeypatch.setattr(short_links, "new_code", lambda: code)

    answer = ada.post("/posts", {**body, "content": "https://elsewhere.example"})

    assert answer.status_code == 500
    assert short_links.target(code) == SHOP
    assert Post.objects.count() == 1
