"""Links in posts: what each account publishes, and what a click does."""

import pytest
from django.test import Client

from destinations.models import Destination
from destinations.runtime.flushing import flusher
from posts.composing.extensions import post_settings
from posts.features.links import short_links
from posts.features.links.models import ShortLink
from posts.models import Post
from tests.factories import make_account, make_campaign
from tests.posts.cases import apart
from tests.posts.conftest import data_of, make_caller, refused

SHOP = "https://shop.example.com/spring"
SETTINGS = {
    "domains": ["example.com"],
    "utm": {"source": "{platform}", "medium": "social", "campaign": "{campaign}"},
}
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture(autouse=True)
def _settings_are_read_anew():
    post_settings.forget()


@pytest.fixture
def served(monkeypatch):
    """As in a process that serves requests; `flush` writes what was counted."""
    monkeypatch.setattr(flusher, "is_on", True)
    monkeypatch.setattr(flusher, "request_flush", lambda **_: None)
    yield short_links.counting.flush
    short_links.counting.forget()


def set_links(caller, path="/link-settings", **settings):
    response = caller.patch(path, {**SETTINGS, **settings})
    assert response.status_code == 200, response.json()
    post_settings.forget()
    return response.json()["data"]


def create(caller, *accounts, content=f"New: {SHOP}.", **fields):
    body = {"content": content, "account_ids": [each.pk for each in accounts], **fields}
    data_of(caller.post("/posts", body), 201)
    return Post.objects.latest("created_at")


def texts(post) -> list[str]:
    return [row.draft["text"] for row in post.destinations.order_by("position")]


def test_links_stay_as_they_are_unless_something_was_set(ada, x):
    assert texts(create(ada, x)) == [f"New: {SHOP}."]
    assert ShortLink.objects.count() == 0


def test_each_network_gets_its_own_parameters(ada, x, linkedin):
    set_links(ada)

    assert texts(create(ada, x, linkedin)) == [
        f"New: {SHOP}?utm_source=x&utm_medium=social.",
        f"New: {SHOP}?utm_source=linkedin&utm_medium=social.",
    ]


def test_what_the_customer_wrote_stays_in_the_post(ada, x):
    set_links(ada)

    assert create(ada, x).content == f"New: {SHOP}."


def test_links_elsewhere_stay(ada, x):
    set_links(ada)

    assert texts(create(ada, x, content="https://other.example")) == ["https://other.example"]


def test_a_campaign_has_settings_of_its_own(ada, x):
    set_links(ada)
    campaign = make_campaign(ada.workspace, "Spring sale")
    set_links(ada, f"/campaigns/{campaign.pk}/link-settings", utm={"campaign": "{campaign}"})

    inside = texts(create(ada, x, campaign_id=campaign.pk))
    outside = texts(create(ada, x))

    assert inside == [f"New: {SHOP}?utm_campaign=Spring%20sale."]
    assert outside == [f"New: {SHOP}?utm_source=x&utm_medium=social."]


def test_accounts_of_one_network_may_differ(ada, x):
    other = make_account(ada.workspace, "x", name="@other")
    set_links(ada, utm={"content": "{account}"})

    assert texts(create(ada, x, other)) == [
        f"New: {SHOP}?utm_content=acme.",
        f"New: {SHOP}?utm_content=other.",
    ]


def test_accounts_of_one_network_share_a_draft_without_settings(ada, x):
    other = make_account(ada.workspace, "x", name="@other")

    assert texts(create(ada, x, other)) == [f"New: {SHOP}."] * 2


def test_the_post_is_named_by_its_public_id(ada, x):
    set_links(ada, utm={"content": "{post_id}"})

    post = create(ada, x)

    assert texts(post) == [f"New: {SHOP}?utm_content={post.public_id}."]


def test_texts_of_a_platform_and_its_thread_are_rewritten(ada, x):
    set_links(ada, utm={"source": "{platform}"})
    own = {"x": {"content": f"A {SHOP}", "settings": {"thread": [f"B {SHOP}", "C"]}}}

    post = create(ada, x, platform_content=own)

    draft = post.destinations.get().draft
    assert draft["text"] == f"A {SHOP}?utm_source=x"
    assert draft["settings"]["thread"] == [f"B {SHOP}?utm_source=x", "C"]
    assert post.platform_content == own


def test_the_limit_counts_the_link_that_is_sent(ada):
    threads = make_account(ada.workspace, "threads")
    set_links(ada, utm={"content": "a" * 100})
    body = {"content": "b" * 440 + f" {SHOP}", "account_ids": [threads.pk]}

    refused(ada.post("/posts", body), 400, "content_too_long")
    assert ada.post("/posts/validate", body).json()["data"]["valid"] is False


def test_an_edit_rewrites_the_new_text(ada, x):
    set_links(ada)
    post = create(ada, x, scheduled_at="2099-01-01T00:00:00Z")

    ada.patch(f"/posts/{post.public_id}", {"content": f"Now {SHOP}/b"})

    assert texts(post) == [f"Now {SHOP}/b?utm_source=x&utm_medium=social"]


def test_each_account_has_a_short_link_of_its_own(ada, x, linkedin, settings):
    settings.SHORT_LINK_URL = "https://go.example"

    post = create(ada, x, linkedin, content=f"{SHOP} and {SHOP}", shorten_links=True)

    rows = list(ShortLink.objects.order_by("account_number"))
    assert [(row.account_number, row.url) for row in rows] == [(x.pk, SHOP), (linkedin.pk, SHOP)]
    assert texts(post) == [
        f"https://go.example/l/{row.code} and https://go.example/l/{row.code}" for row in rows
    ]


def test_the_settings_shorten_and_a_post_may_say_otherwise(ada, x):
    set_links(ada, shorten=True)

    create(ada, x, shorten_links=False)
    assert ShortLink.objects.count() == 0
    create(ada, x, shorten_links="default")
    create(ada, x)

    urls = {f"{SHOP}?utm_source=x&utm_medium=social"}
    assert set(ShortLink.objects.values_list("url", flat=True)) == urls
    assert ShortLink.objects.count() == 2


def test_what_is_short_already_stays(ada, x):
    text = "https://bit.ly/abc"

    assert texts(create(ada, x, content=text, shorten_links=True)) == [text]


def test_an_edit_keeps_the_short_links_that_stay(ada, x):
    post = create(ada, x, shorten_links=True, scheduled_at="2099-01-01T00:00:00Z")
    (code,) = ShortLink.objects.values_list("code", flat=True)

    ada.patch(f"/posts/{post.public_id}", {"content": f"Again: {SHOP} and {SHOP}/b"})

    assert ShortLink.objects.count() == 2
    assert f"/l/{code}" in texts(post)[0]


def test_an_edit_may_take_short_links_out(ada, x):
    post = create(ada, x, shorten_links=True, scheduled_at="2099-01-01T00:00:00Z")

    response = ada.patch(f"/posts/{post.public_id}", {"shorten_links": False})

    assert response.status_code == 200
    assert texts(post) == [f"New: {SHOP}."]


def test_nothing_is_kept_of_a_post_that_was_refused_or_only_validated(ada, x):
    body = {"content": SHOP + " " + "b" * 300, "account_ids": [x.pk], "shorten_links": True}

    refused(ada.post("/posts", body), 400, "content_too_long")
    ada.post("/posts/validate", {**body, "content": SHOP})

    assert ShortLink.objects.count() == 0


def test_a_wish_that_is_none_is_refused(ada, x):
    for value in (None, "yes", 1, "", []):
        with apart(value):
            body = {"content": SHOP, "account_ids": [x.pk], "shorten_links": value}

            response = ada.post("/posts", body)

            # Null is as if nothing was said, as everywhere.
            assert response.status_code == (201 if value is None else 400)


class TestFollowing:
    @pytest.fixture
    def link(self, ada, x):
        create(ada, x, shorten_links=True)
        return ShortLink.objects.get()

    def follow(self, link, agent=BROWSER, **headers):
        return Client().get(f"/l/{link.code}", headers={"User-Agent": agent, **headers})

    def test_it_leads_on_and_sets_no_cookie(self, link):
        answer = self.follow(link)

        assert (answer.status_code, answer["Location"]) == (302, SHOP)
        assert answer["Cache-Control"] == "no-store"
        assert not answer.cookies

    def test_a_code_that_was_never_made_leads_nowhere(self, db):
        for code in ("abc", "0" * 10, "https:%2F%2Fevil.example", "é" * 10):
            with apart(code):
                assert Client().get(f"/l/{code}").status_code == 404

    def test_clicks_are_counted_by_people_and_by_programs(self, ada, link, served):
        self.follow(link)
        self.follow(link)
        self.follow(link, agent="Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)")
        self.follow(link, agent="")
        self.follow(link, Sec_Purpose="prefetch")
        Client().head(f"/l/{link.code}", headers={"User-Agent": BROWSER})
        served()

        found = ada.get(f"/posts/{Post.objects.get().public_id}/links").json()["data"]["links"]
        assert [(each["clicks"], each["bot_clicks"]) for each in found] == [(2, 3)]
        assert found[0]["url"] == SHOP

    def test_clicks_of_people_are_in_the_summary(self, ada, link, served):
        self.follow(link)
        self.follow(link, agent="")
        served()

        summary = ada.get("/analytics/summary?period=all").json()["data"]
        assert summary["metrics"]["clicks"] == 1

    def test_clicks_of_a_day_add_up(self, link, served):
        for _ in range(3):
            self.follow(link)
            served()

        assert link.days.get().clicks == 3

    def test_clicks_survive_a_database_that_is_away(self, link, served, monkeypatch):
        self.follow(link)
        monkeypatch.setattr(short_links, "_write", _away)
        served()
        monkeypatch.undo()
        short_links.counting.flush()

        assert link.days.get().clicks == 1

    def test_it_outlives_its_post(self, ada, x):
        create(ada, x, shorten_links=True, scheduled_at="2099-01-01T00:00:00Z")
        ada.delete(f"/posts/{Post.objects.get().public_id}")

        assert Destination.objects.count() == 0
        assert self.follow(ShortLink.objects.get()).status_code == 302


def _away(*_):
    from django.db import OperationalError

    raise OperationalError


class TestSettings:
    def test_they_are_read_replaced_and_deleted(self, ada):
        assert ada.get("/link-settings").json()["data"] == {
            "domains": [],
            "utm": {},
            "shorten": False,
            "is_own": False,
        }
        made = set_links(ada, shorten=True, domains=["Example.com", "bücher.example"])
        assert made["domains"] == ["example.com", "xn--bcher-kva.example"]
        assert made["shorten"] is True
        assert ada.get("/link-settings").json()["data"] == made

        assert set_links(ada, utm={})["utm"] == {}
        assert ada.delete("/link-settings").json()["data"]["is_own"] is False

    def test_a_campaign_shows_the_workspaces_until_it_has_its_own(self, ada):
        path = f"/campaigns/{make_campaign(ada.workspace).pk}/link-settings"
        workspace = set_links(ada)

        assert ada.get(path).json()["data"] == workspace | {"is_own": False}
        set_links(ada, path, shorten=True)
        assert ada.get(path).json()["data"]["shorten"] is True
        assert ada.get("/link-settings").json()["data"] == workspace

    def test_what_cannot_be_meant_is_refused(self, ada):
        for body in (
            {"domains": ["https://example.com"]},
            {"domains": ["localhost"]},
            {},
            {"domains": [""]},
            {"domains": ["*.example.com"]},
            {"utm": {"source": "{who}"}},
            {"utm": {"source": "a" * 201}},
            {"utm": {"id": "1"}},
            {"utm": "x"},
            {"shorten": "yes"},
        ):
            with apart(body):
                assert ada.patch("/link-settings", body).status_code == 400

    def test_a_restricted_key_reads_them_and_its_accounts_links_only(self, ada, x, linkedin):
        post = create(ada, x, linkedin, shorten_links=True)
        keen = make_caller(ada.workspace, "Keen")
        keen.key.is_restricted = True
        keen.key.save()
        keen.key.accounts.set([x, linkedin])

        assert keen.get("/link-settings").status_code == 200
        refused(keen.patch("/link-settings", SETTINGS), 403, "insufficient_scope")
        refused(keen.delete("/link-settings"), 403, "insufficient_scope")
        assert len(keen.get(f"/posts/{post.public_id}/links").json()["data"]["links"]) == 2
