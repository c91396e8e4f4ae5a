"""What a customer chose for a post is chosen for each turn of it too."""

from dataclasses import fields

import pytest

from posts import content
from posts.composing.compose import NewPost
from posts.composing.extensions import post_settings
from posts.features.links import rules
from posts.features.links.models import LinkSettings, PostShortening, ShortLink
from posts.models import Post
from tests.factories import make_account, make_campaign
from tests.posts.features.repeating.test_recycling import look, made, recycled

SHOP = "https://shop.example.com/spring"
#: What a new post may say that a turn cannot: its time is its own, and it is no draft.
OF_ITS_OWN = {"when", "queue", "draft"}


@pytest.fixture(autouse=True)
def _settings_are_read_anew():
    post_settings.forget()
    yield
    post_settings.forget()


@pytest.fixture
def facebook(ada):
    return make_account(ada.workspace, "facebook")


def drafts(post: Post) -> list[dict]:
    """What each account publishes, with each short link as `short`."""
    codes = ShortLink.objects.filter(post_id=post.pk).values_list("code", flat=True)
    found = [row.draft for row in post.destinations.order_by("position")]
    for draft in found:
        for code in codes:
            draft["text"] = draft["text"].replace(rules.short_url(code), "short")
    return found


def turn_of(post: Post) -> Post:
    assert look() == 1
    (turn,) = made()
    return turn


@pytest.mark.parametrize("said", [True, False, None])
@pytest.mark.parametrize("is_usual", [True, False])
def test_its_links_are_shortened_as_the_post_says(ada, facebook, said, is_usual):
    LinkSettings.objects.create(
        workspace=ada.workspace, shorten=is_usual, updated_at="2026-01-01T00:00:00Z"
    )
    own = {} if said is None else {"shorten_links": said}
    post = recycled(ada, facebook, content=f"New: {SHOP}", **own)

    turn = turn_of(post)

    is_short = is_usual if said is None else said
    assert [each["text"] for each in drafts(turn)] == [f"New: {'short' if is_short else SHOP}"]
    assert ShortLink.objects.filter(post_id=turn.pk).count() == is_short
    kept = PostShortening.objects.filter(pk=turn.pk).values_list("shorten", flat=True)
    assert list(kept) == ([] if said is None else [said])


def test_a_turn_has_short_links_of_its_own(ada, facebook):
    post = recycled(ada, facebook, content=f"New: {SHOP}", shorten_links=True)

    turn = turn_of(post)

    codes = [ShortLink.objects.get(post_id=each.pk).code for each in (post, turn)]
    assert len(set(codes)) == 2


def test_parameters_of_its_campaign_are_added(ada, facebook):
    campaign = make_campaign(ada.workspace, "Spring")
    LinkSettings.objects.create(
        workspace=ada.workspace,
        campaign=campaign,
        domains=["example.com"],
        utm={"campaign": "{campaign}"},
        updated_at="2026-01-01T00:00:00Z",
    )
    post = recycled(ada, facebook, content=f"New: {SHOP}", campaign_id=campaign.pk)

    turn = turn_of(post)

    assert [each["text"] for each in drafts(turn)] == [f"New: {SHOP}?utm_campaign=Spring"]
    assert turn.campaign_id == campaign.pk


def test_texts_settings_files_and_facts_are_those_of_the_post(ada, media, facebook):
    own = {"facebook": {"content": "For Facebook", "settings": {"firstComment": f"See {SHOP}"}}}
    post = recycled(
        ada,
        facebook,
        platform_content=own,
        media_ids=[str(media.pk)],
        alt_texts={str(media.pk): "A dove"},
        metadata={"order": 7},
        timezone="Europe/Berlin",
        shorten_links=False,
    )

    turn = turn_of(post)

    assert drafts(turn) == drafts(post)
    assert "firstComment" in str(drafts(turn))
    for name in ("content", "platform_content", "metadata", "timezone", "campaign_id"):
        assert getattr(turn, name) == getattr(post, name)
    assert [each.alt_text for each in turn.attachments.all()] == ["A dove"]


def test_every_value_of_a_new_post_is_kept_or_of_its_own():
    given = {"plain", "own_texts_do", "spare_platforms"}
    declared = set(content.parts("recycled"))
    assert {field.name for field in fields(NewPost)} == declared | given | OF_ITS_OWN
