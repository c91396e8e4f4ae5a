"""Feeds over HTTP: who may make which, and what of them is shown."""

from posts.features.feeds import poll
from posts.features.feeds.models import Feed
from tests.factories import make_account, make_campaign
from tests.posts.cases import apart
from tests.posts.conftest import data_of, make_caller, refused
from tests.posts.features.feeds.conftest import read_again
from tests.posts.features.feeds.documents import numbered


def body(caller, **fields):
    account = make_account(caller.workspace, "x")
    return {
        "name": "Blog",
        "url": "https://blog.example.com/feed.xml",
        "account_ids": [account.pk],
    } | fields


def create(caller, **fields):
    return data_of(caller.post("/feeds", body(caller, **fields)), 201)


def test_a_new_feed_makes_drafts_unless_it_is_told_otherwise(ada):
    made = create(ada)

    assert (made["mode"], made["template"]) == ("draft", "{title}\n\n{link}")
    assert (made["enabled"], made["feed_url"], made["last_read_at"]) == (True, None, None)
    assert ada.get(f"/feeds/{made['id']}").json()["data"] == made
    assert ada.get("/feeds").json()["data"]["feeds"] == [made]


def test_a_feed_that_could_not_work_is_refused(ada):
    for fields, field in (
        ({"url": "ftp://blog.example.com"}, "url"),
        ({"url": "http://127.0.0.1/feed"}, "url"),
        ({"url": "https://user:word@blog.example.com/"}, "url"),
        ({"template": "{titel}"}, "template"),
        ({"template": "{title.__class__}{}"}, "template"),
        ({"mode": "loud"}, "mode"),
        ({"mode": "schedule"}, "publish_delay_minutes"),
        ({"require_approval": True}, "require_approval"),
        ({"publish_delay_minutes": 43_201}, "publish_delay_minutes"),
        ({"account_ids": []}, "account_ids"),
        ({"include_words": [""]}, "include_words"),
        ({"include_words": ["a"] * 51}, "include_words"),
        ({"name": ""}, "name"),
    ):
        with apart(fields, field):
            error = refused(ada.post("/feeds", body(ada, **fields)), 400, "validation_error")

            assert field in str(error)
            assert Feed.objects.count() == 0


def test_accounts_and_campaigns_of_others_are_unknown(ada, cy):
    theirs = make_account(cy.workspace, "x").pk
    refused(ada.post("/feeds", body(ada, account_ids=[theirs])), 400, "invalid_accounts")

    campaign = make_campaign(cy.workspace).pk
    refused(ada.post("/feeds", body(ada, campaign_id=campaign)), 400, "invalid_campaign")


def test_a_restricted_key_sees_feeds_of_its_accounts_only(ada):
    mine, other = create(ada), create(ada)
    keen = make_caller(ada.workspace, "Keen")
    keen.key.is_restricted = True
    keen.key.save()
    keen.key.accounts.add(mine["account_ids"][0])

    assert [each["id"] for each in keen.get("/feeds").json()["data"]["feeds"]] == [mine["id"]]
    refused(keen.get(f"/feeds/{other['id']}"), 404, "not_found")
    change = {"account_ids": other["account_ids"]}
    refused(keen.patch(f"/feeds/{mine['id']}", change), 400, "invalid_accounts")


def test_a_workspace_has_at_most_so_many_feeds(ada, settings):
    settings.FEED_LIMIT = 2
    create(ada)
    create(ada)

    error = refused(ada.post("/feeds", body(ada)), 409, "conflict")

    assert "2 feeds" in error["message"]


def test_a_feed_is_changed_and_deleted(ada):
    made = create(ada)
    campaign = make_campaign(ada.workspace).pk

    changed = ada.patch(f"/feeds/{made['id']}", {"mode": "queue", "campaign_id": campaign})
    assert changed.json()["data"] | {"updated_at": ""} == made | {
        "mode": "queue",
        "campaign_id": campaign,
        "updated_at": "",
        "next_read_at": changed.json()["data"]["next_read_at"],
    }
    assert (
        ada.patch(f"/feeds/{made['id']}", {"campaign_id": None}).json()["data"]["campaign_id"]
        is None
    )

    assert ada.delete(f"/feeds/{made['id']}").json()["data"] == {"id": made["id"], "deleted": True}
    refused(ada.get(f"/feeds/{made['id']}"), 404, "not_found")


def test_items_name_their_posts_by_the_ids_of_each_mount(ada, compat, stranger):
    url = stranger.gives("/feed.xml", numbered(1))
    made = create(ada, url=url)
    poll.tick()
    stranger.gives("/feed.xml", numbered(2, 1))
    read_again(Feed.objects.get(pk=made["id"]))

    items = ada.get(f"/feeds/{made['id']}/items").json()["data"]["items"]
    assert [(each["title"], each["state"]) for each in items] == [
        ("Item 2", "posted"),
        ("Item 1", "backlog"),
    ]
    post_id = items[0]["post_id"]
    assert ada.get(f"/posts/{post_id}").json()["data"]["content"].startswith("Item 2")
    shown = compat.get(f"/feeds/{made['id']}/items?state=posted").json()["data"]["items"]
    assert [each["post_id"] for each in shown] != [post_id]
    assert compat.get(f"/posts/{shown[0]['post_id']}").status_code == 200
