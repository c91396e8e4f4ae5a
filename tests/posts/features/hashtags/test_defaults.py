"""Default hashtags and a default first comment of a workspace."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from posts.models import Post
from tests.factories import AUDIENCE, make_account
from tests.posts.cases import apart
from tests.posts.conftest import make_caller, refused
from tests.posts.factories import make_media
from tests.posts.features.hashtags.hashtag_factories import (
    LATER,
    comments,
    create,
    edit,
    make_set,
    set_defaults,
    texts,
)

NONE = {
    "hashtags": [],
    "hashtags_in": "text",
    "first_comment": None,
    "platform_settings": AUDIENCE,
}


def test_they_are_off_until_they_are_set(ada, cy, x):
    assert ada.get("/post-defaults").json()["data"] == NONE

    changed = set_defaults(ada, hashtags=["#loft"], first_comment="Ask here.")

    assert changed == {**NONE, "hashtags": ["loft"], "first_comment": "Ask here."}
    assert ada.get("/post-defaults").json()["data"] == changed
    assert cy.get("/post-defaults").json()["data"] == NONE
    assert set_defaults(ada, hashtags=[], first_comment="") == NONE
    assert texts(create(ada, x)) == ["Hello"]


def test_what_cannot_be_meant_is_refused(ada):
    for body in (
        {},
        {"hashtags": ["1"]},
        {"hashtags": "a"},
        {"hashtags_in": "title"},
        {"first_comment": "a" * 2201},
        {"first_comment": 1},
        {"platforms": ["x"]},
        {"platform_settings": []},
        {"platform_settings": {"tiktok": []}},
        {"platform_settings": {"x": {"privacyLevel": "SELF_ONLY"}}},
        {"platform_settings": {"tiktok": {"privacyLevel": "ALL"}}},
        {"platform_settings": {"tiktok": {"allowDuet": True}}},
        {"platform_settings": {"tiktok": {"privacyLevel": None}}},
    ):
        with apart(body):
            assert ada.patch("/post-defaults", body).status_code == 400
            assert ada.get("/post-defaults").json()["data"] == NONE


def test_a_null_for_a_required_option_changes_nothing_and_says_why(ada):
    before = set_defaults(ada, platform_settings=AUDIENCE)

    answer = ada.patch("/post-defaults", {"platform_settings": {"tiktok": {"privacyLevel": None}}})

    error = refused(answer, 400, "validation_error")
    assert "TikTok's option privacyLevel cannot be null" in error["message"]
    assert ada.get("/post-defaults").json()["data"] == before


def test_a_key_for_some_accounts_only_reads_them(ada, x):
    keen = make_caller(ada.workspace, "Keen")
    keen.key.is_restricted = True
    keen.key.save()
    keen.key.accounts.set([x])

    assert keen.get("/post-defaults").status_code == 200
    refused(keen.patch("/post-defaults", {"hashtags": []}), 403, "insufficient_scope")


def test_a_post_that_names_nothing_gets_both(ada, x, facebook):
    set_defaults(ada, hashtags=["loft"], first_comment="Ask here.")

    post = create(ada, x, facebook)

    assert texts(post) == ["Hello\n\n#loft"] * 2
    assert comments(post) == [None, "Ask here."]
    assert post.content == "Hello"
    assert post.platform_content == {}


def test_hashtags_may_follow_the_first_comment(ada, facebook):
    set_defaults(ada, hashtags=["loft"], hashtags_in="first_comment", first_comment="Ask here.")

    post = create(ada, facebook)

    assert (texts(post), comments(post)) == (["Hello"], ["Ask here.\n\n#loft"])


def test_what_the_post_names_comes_instead(ada, facebook):
    set_defaults(ada, hashtags=["loft"], first_comment="Ask here.")
    own = {"facebook": {"settings": {"firstComment": "Mine"}}}

    post = create(ada, facebook, platform_content=own, hashtag_set_ids=[make_set(ada)])

    assert texts(post) == ["Hello\n\n#spring #garden"]
    assert comments(post) == ["Mine"]


def test_a_post_may_do_without(ada, facebook):
    set_defaults(ada, hashtags=["loft"], first_comment="Ask here.")

    without = create(ada, facebook, use_defaults=False)
    only_comment = create(ada, facebook, hashtag_set_ids=[])

    assert (texts(without), comments(without)) == (["Hello"], [None])
    assert (texts(only_comment), comments(only_comment)) == (["Hello"], ["Ask here."])


def test_links_of_the_comment_get_parameters(ada, facebook):
    set_defaults(ada, first_comment="See https://example.com/a")
    ada.patch("/link-settings", {"domains": ["example.com"], "utm": {"source": "fb"}})

    assert comments(create(ada, facebook)) == ["See https://example.com/a?utm_source=fb"]


def test_a_story_has_no_first_comment(ada, instagram):
    set_defaults(ada, first_comment="Ask here.")
    picture = str(make_media(ada.workspace).pk)
    own = {"instagram": {"contentType": "Story"}}

    post = create(ada, instagram, media_ids=[picture], platform_content=own)

    assert comments(post) == [None]


def test_a_post_keeps_the_defaults_of_its_time(ada, facebook):
    post = create(ada, facebook, scheduled_at=LATER)
    set_defaults(ada, hashtags=["loft"], first_comment="Ask here.")
    later = create(ada, facebook, scheduled_at=LATER)
    set_defaults(ada, hashtags=["attic"], first_comment="No.")

    assert texts(edit(ada, post, content="a")) == ["a"]
    assert texts(edit(ada, later, content="a")) == ["a\n\n#loft"]
    assert comments(later) == ["Ask here."]


def test_an_edit_takes_them_away_or_anew(ada, facebook):
    set_defaults(ada, hashtags=["loft"], first_comment="Ask here.")
    post = create(ada, facebook, scheduled_at=LATER)

    edit(ada, post, use_defaults=False)
    assert (texts(post), comments(post)) == (["Hello"], [None])

    set_defaults(ada, hashtags=["attic"])
    edit(ada, post, use_defaults=True)
    assert (texts(post), comments(post)) == (["Hello\n\n#attic"], ["Ask here."])


def test_an_edit_without_defaults_keeps_the_sets(ada, facebook):
    set_defaults(ada, hashtags=["loft"], first_comment="Ask here.")
    key = make_set(ada)
    post = create(ada, facebook, scheduled_at=LATER, hashtag_set_ids=[key])
    ada.delete(f"/hashtag-sets/{key}")

    edit(ada, post, use_defaults=False)

    assert (texts(post), comments(post)) == (["Hello\n\n#spring #garden"], [None])


def test_they_cost_no_statement(ada, x):
    body = {"content": "Hi", "account_ids": [x.pk]}
    ada.post("/posts", body)

    with CaptureQueriesContext(connection) as without:
        ada.post("/posts", body)
    set_defaults(ada, hashtags=["loft"])
    ada.post("/posts", body)
    with CaptureQueriesContext(connection) as with_defaults:
        ada.post("/posts", body)

    assert texts(Post.objects.latest("created_at")) == ["Hi\n\n#loft"]
    assert len(with_defaults) == len(without)


def test_settings_of_links_and_defaults_are_read_together(ada, x):
    """What is remembered of a workspace takes one statement, as link settings did alone."""
    ada.patch("/link-settings", {"domains": ["example.com"], "utm": {"source": "a"}})
    set_defaults(ada, hashtags=["loft"])
    body = {"content": "https://example.com", "account_ids": [x.pk]}

    with CaptureQueriesContext(connection) as asked:
        ada.post("/posts", body)

    assert sum("post_defaults" in each["sql"] for each in asked) == 1
    assert sum("posts_linksettings" in each["sql"] for each in asked) == 1
    sent = texts(Post.objects.latest("created_at"))
    assert sent == ["https://example.com?utm_source=a\n\n#loft"]


def test_an_audience_is_chosen_by_the_post_or_by_its_workspace(ada):
    """TikTok wants it chosen; without a choice it would be the widest."""
    tiktok, x = make_account(ada.workspace, "tiktok"), make_account(ada.workspace)
    clip = make_media(ada.workspace, kind="video")

    def posted(level, **options):
        said = {"platform_content": {"tiktok": {"settings": options}}} if options else {}
        post = create(ada, tiktok, x, media_ids=[str(clip.pk)], **said)
        drafts = [row.draft["settings"] for row in post.destinations.order_by("position")]
        assert [each.get("privacyLevel") for each in drafts] == [level, None]

    posted("PUBLIC_TO_EVERYONE")
    posted("PUBLIC_TO_EVERYONE", allowDuet=True, privacyLevel=None)
    posted("SELF_ONLY", privacyLevel="SELF_ONLY")
    assert set_defaults(ada, platform_settings={})["platform_settings"] == {}
    body = {"content": "Hello", "account_ids": [tiktok.pk, x.pk], "media_ids": [str(clip.pk)]}
    for path in ("/posts", "/posts/validate"):
        answer = ada.post(path, body)
        assert "TikTok needs the option privacyLevel" in answer.text
    refused(ada.post("/posts", body), 400, "post_creation_failed")
    posted("SELF_ONLY", privacyLevel="SELF_ONLY")
    assert Post.objects.count() == 4
