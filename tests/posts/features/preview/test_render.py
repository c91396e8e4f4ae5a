"""Cards of requests and of stored posts, as other rooms use them."""

import json

import pytest
from django.template.loader import render_to_string

from destinations.models import Destination
from platforms.drafts import Draft
from posts.composing import compose
from posts.composing.compose import NewPost
from posts.composing.destinations import Author
from posts.errors import RequestRefused
from posts.features.preview import render
from posts.models import Post
from tests.factories import make_account, make_post
from tests.posts.factories import make_media

LONG = "word " * 60


def cards_of(author, new):
    return render.of_validations(author.reach, compose.check(author, new))


@pytest.fixture
def author(ada) -> Author:
    return Author(ada.workspace.pk, "test")


def stored(post: Post):
    return Destination.objects.filter(post=post).select_related("account").order_by("position")


def test_a_request_gets_a_card_for_each_account_and_nothing_is_stored(ada, author):
    accounts = [make_account(ada.workspace, key) for key in ("linkedin", "x")]
    new = NewPost(LONG, [account.pk for account in accounts])

    linkedin, x = cards_of(author, new)

    assert (linkedin.account_id, linkedin.network) == (accounts[0].pk, "LinkedIn")
    [part] = linkedin.shown.parts
    assert part.text.text == LONG
    assert "".join(each.text for each in part.text.shown) == LONG[:210]
    assert part.text.label == "…more"
    assert [each for each in x.problems if "280 weighted characters" in each.message]
    assert not Post.objects.exists()


def test_a_stored_post_gets_the_cards_of_its_frozen_drafts(ada, media, author):
    account = make_account(ada.workspace, "instagram", display_name="Acme Lofts")
    body = {"content": "Look #here", "account_ids": [account.pk], "media_ids": [str(media.pk)]}
    body["scheduled_at"] = "2090-01-01T00:00:00Z"
    assert ada.post("/posts", body).status_code == 201

    [card] = render.previews(stored(Post.objects.get()))

    assert (card.account.name, card.account.handle) == ("Acme Lofts", account.name)
    [part] = card.shown.parts
    assert [(each.kind, each.text) for each in part.text.shown] == [
        ("text", "Look "),
        ("hashtag", "#here"),
    ]
    [file] = part.media
    assert file.media_id == str(media.pk)
    assert file.url.startswith("http")
    json.dumps(card.as_json())


def test_a_request_and_the_post_that_it_makes_show_the_same(ada, author):
    account = make_account(ada.workspace, "threads")
    options = {"threads": {"settings": {"thread": ["two", "three"]}}}
    body = {"content": "one", "account_ids": [account.pk], "platform_content": options}
    [asked] = cards_of(author, NewPost("one", [account.pk], platform_content=options))
    assert ada.post("/posts", body).status_code == 201

    [made] = render.previews(stored(Post.objects.get()))

    assert made.as_json() == asked.as_json()


def test_links_are_shown_as_each_account_publishes_them(ada, author):
    accounts = [make_account(ada.workspace, "threads") for _ in range(2)]
    text = "Read https://example.com/loft"
    new = NewPost(text, [account.pk for account in accounts], shorten_links=True)

    cards = cards_of(author, new)

    links = [card.shown.link_card.url for card in cards]
    assert len({*links, "https://example.com/loft"}) == 3


def test_cards_are_made_in_two_queries_however_many_there_are(ada, django_assert_num_queries):
    accounts = [make_account(ada.workspace, "x") for _ in range(10)]
    media = make_media(ada.workspace)
    body = {
        "content": "Hi",
        "account_ids": [account.pk for account in accounts],
        "media_ids": [str(media.pk)],
    }
    assert ada.post("/posts", body).status_code == 201

    post = Post.objects.get()

    with django_assert_num_queries(2):
        assert len(render.previews(stored(post))) == 10


def test_a_destination_whose_account_and_file_are_gone_still_has_a_card(ada, account):
    post = make_post(ada.workspace, [account], draft=Draft("Hi"))
    account.delete()

    [card] = render.previews(stored(post))

    assert card.account.handle == account.name
    assert card.shown.parts[0].text.text == "Hi"


def test_more_than_one_answer_can_hold_is_refused(ada, author):
    accounts = [make_account(ada.workspace, "facebook").pk for _ in range(30)]

    with pytest.raises(RequestRefused) as refused:
        cards_of(author, NewPost("a" * 60_000, accounts))

    assert "too much to preview for 30 accounts" in refused.value.message


def test_the_fragment_shows_every_text_escaped_and_nothing_inline(ada, author):
    account = make_account(ada.workspace, "facebook", name="<b>Acme</b>")
    new = NewPost("<script>alert(1)</script>" * 40, [account.pk])

    page = render_to_string("posts/preview/cards.html", {"previews": cards_of(author, new)})

    assert "<script" not in page
    assert "style=" not in page
    assert "&lt;b&gt;Acme&lt;/b&gt;" in page
    assert page.count("<details>") == 1
