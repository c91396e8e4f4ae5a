"""Campaigns over HTTP."""

from posts.features.campaigns import campaigns
from posts.keys import keys
from posts.models import Campaign, Post
from tests.factories import make_account, make_campaign, make_post
from tests.posts.cases import apart
from tests.posts.conftest import Caller, data_of, refused

SHAPE = {"id", "name", "description", "color", "status", "post_count", "created_at", "updated_at"}


def create(caller, **body):
    return data_of(caller.post("/campaigns", {"name": "Spring", **body}), 201)


def test_a_new_campaign_has_a_name_and_defaults(ada):
    made = create(ada)

    assert set(made) == SHAPE
    assert isinstance(made["id"], int)
    assert made["created_at"].endswith("Z")
    assert (made["name"], made["description"], made["color"]) == ("Spring", None, "#3b82f6")
    assert (made["status"], made["post_count"]) == ("active", 0)
    assert ada.get(f"/campaigns/{made['id']}").json()["data"] == made


def test_a_campaign_is_made_with_all_its_fields(ada):
    made = create(ada, name="  Loft ", description="A text", color="#ABCDEF", status="archived")

    assert made["name"] == "Loft"
    assert (made["description"], made["color"]) == ("A text", "#abcdef")
    assert made["status"] == "archived"


def test_what_a_campaign_cannot_be_is_refused(ada):
    for body in (
        {},
        {"name": None},
        {"name": ""},
        {"name": " \t"},
        {"name": 7},
        {"name": "a" * 101},
        {"name": "Spring", "description": "a" * 501},
        {"name": "Spring", "description": 7},
        {"name": "Spring", "color": "#abc"},
        {"name": "Spring", "color": "red"},
        {"name": "Spring", "color": "#12345g"},
        {"name": "Spring", "color": "#3b82f6\n"},
        {"name": "Spring", "color": 123456},
        {"name": "Spring", "status": "deleted"},
    ):
        with apart(body):
            refused(ada.post("/campaigns", body), 400, "validation_error")
            assert not Campaign.objects.exists()


def test_the_longest_name_and_description_are_taken(ada):
    made = create(ada, name=f" {'a' * 100} ", description="b" * 500)

    assert (len(made["name"]), len(made["description"])) == (100, 500)


def test_an_unknown_field_is_refused_by_name(ada):
    error = refused(
        ada.post("/campaigns", {"name": "A", "colour": "red"}), 400, "invalid_field_name"
    )

    assert error["details"] == {"field": "colour"}


def test_names_need_not_be_unique(ada):
    assert create(ada)["id"] != create(ada)["id"]


def test_a_patch_changes_what_it_names(ada):
    made = create(ada, description="A text")
    path = f"/campaigns/{made['id']}"

    changed = ada.patch(path, {"name": "Autumn", "color": "#FFFFFF"}).json()["data"]

    assert changed["name"] == "Autumn"
    assert changed["color"] == "#ffffff"
    assert changed["description"] == "A text"
    assert ada.patch(path, {"status": "archived"}).json()["data"]["status"] == "archived"
    assert ada.patch(path, {"description": None}).json()["data"]["description"] is None
    assert ada.get(path).json()["data"]["name"] == "Autumn"


def test_a_patch_of_nothing_or_of_nonsense_is_refused(ada):
    for body in ({}, {"name": None}, {"color": "#abc"}, {"name": " "}):
        with apart(body):
            made = create(ada)

            refused(ada.patch(f"/campaigns/{made['id']}", body), 400, "validation_error")


def test_a_deleted_campaign_is_gone_and_its_posts_stay(ada):
    made = create(ada)
    post = make_post(ada.workspace, [make_account(ada.workspace)], campaign=made["id"])
    path = f"/campaigns/{made['id']}"

    assert ada.delete(path).json()["data"] == {"id": made["id"], "deleted": True}

    for answer in (ada.get(path), ada.patch(path, {"name": "A"}), ada.delete(path)):
        refused(answer, 404, "not_found")
    assert ada.get("/campaigns").json()["data"]["campaigns"] == []
    assert ada.get(f"/posts/{post.public_id}").status_code == 200
    assert create(ada)["id"] > made["id"]


def test_posts_are_taken_out_of_a_deleted_campaign_which_is_then_forgotten(ada, monkeypatch):
    monkeypatch.setattr(campaigns, "STEP", 2)
    account = make_account(ada.workspace)
    gone, kept = (create(ada)["id"] for _ in range(2))
    for campaign in (gone, gone, gone, gone, gone, kept):
        make_post(ada.workspace, [account], campaign=campaign)
    ada.delete(f"/campaigns/{gone}")

    assert campaigns.clear_deleted() == 5

    assert list(Campaign.objects.values_list("pk", flat=True)) == [kept]
    assert Post.objects.filter(campaign=None).count() == 5
    assert campaigns.clear_deleted() == 0


def test_the_list_is_newest_first_and_by_pages(ada):
    ids = [create(ada, name=f"C{number}")["id"] for number in range(5)]

    data = ada.get("/campaigns?limit=2&offset=1").json()["data"]

    assert [each["id"] for each in data["campaigns"]] == [ids[3], ids[2]]
    assert set(data["campaigns"][0]) == SHAPE
    assert data["pagination"] == {"limit": 2, "offset": 1, "total": 5, "has_more": True}
    whole = ada.get("/campaigns").json()["data"]
    assert len(whole["campaigns"]) == 5
    assert whole["pagination"] == {"limit": 50, "offset": 0, "total": 5, "has_more": False}


def test_the_list_is_filtered_by_status(ada):
    active, archived = create(ada)["id"], create(ada, status="archived")["id"]

    def listed(query: str) -> list[int]:
        campaigns = ada.get(f"/campaigns?{query}").json()["data"]["campaigns"]
        return [each["id"] for each in campaigns]

    assert listed("status=active") == [active]
    assert listed("status=archived") == [archived]
    assert listed("status=all") == listed("status=") == [archived, active]


def test_a_query_out_of_bounds_is_refused(ada):
    for query in ("limit=0", "limit=101", "offset=-1", "status=gone", "limit=a"):
        with apart(query):
            refused(ada.get(f"/campaigns?{query}"), 400, "validation_error")


def test_an_id_of_nothing_is_a_404(ada):
    for number in ("0", "987654321", "9" * 18, "9" * 30, "spring", "-1"):
        with apart(number):
            refused(ada.get(f"/campaigns/{number}"), 404, "not_found")


def test_a_workspace_has_so_many_campaigns_at_most(ada, cy, settings):
    settings.CAMPAIGN_LIMIT = 2
    first = create(ada)
    create(ada)

    error = refused(ada.post("/campaigns", {"name": "A"}), 409, "campaign_limit_reached")

    assert error["details"] == {"limit": 2}
    create(cy)
    ada.delete(f"/campaigns/{first['id']}")
    create(ada)


def test_post_count_counts_drafts_and_no_deleted_posts(ada):
    made = create(ada)
    account = make_account(ada.workspace)
    body = {"content": "Hi", "account_ids": [account.pk], "campaign_id": made["id"]}
    draft, other = (ada.post("/posts", {**body, "draft": True}).json()["data"] for _ in range(2))
    make_post(ada.workspace, [account], campaign=made["id"])
    make_post(ada.workspace, [account], campaign=make_campaign(ada.workspace).pk)

    def count() -> int:
        return ada.get(f"/campaigns/{made['id']}").json()["data"]["post_count"]

    assert count() == 3
    assert ada.delete(f"/posts/{draft['post_id']}").status_code == 200
    assert count() == 2
    assert ada.patch(f"/posts/{other['post_id']}", {"campaign_id": None}).status_code == 200
    assert count() == 1


def test_a_restricted_key_sees_campaigns_and_counts_only_its_posts(ada):
    made = create(ada)
    mine, other = (make_account(ada.workspace) for _ in range(2))
    for accounts in ([mine], [mine, other], [other]):
        make_post(ada.workspace, accounts, campaign=made["id"])
    some = Caller(
        ada.workspace, *keys.create(ada.workspace, "Some", ("read", "write"), accounts=[mine])
    )

    assert ada.get(f"/campaigns/{made['id']}").json()["data"]["post_count"] == 3
    assert some.get(f"/campaigns/{made['id']}").json()["data"]["post_count"] == 1
    [listed] = some.get("/campaigns").json()["data"]["campaigns"]
    assert listed["post_count"] == 1
