"""GET /analytics/summary as programs ask for it."""

from datetime import UTC, datetime, timedelta

from destinations.runtime import clock
from posts.features.ai.models import AiUse
from posts.features.analytics import tallies
from posts.keys import keys
from posts.models import Post
from posts.read_models import queries
from tests.factories import make_account, make_campaign, make_post
from tests.posts.cases import apart
from tests.posts.conftest import Caller, data_of, refused

POSTS = {"total", "draft", "scheduled", "publishing", "published", "partially_failed", "failed"}
METRICS = {"views", "likes", "comments", "shares", "impressions", "clicks"}
NOON = datetime(2026, 3, 15, 12, tzinfo=UTC)


def summary(caller, query: str = ""):
    return data_of(caller.get(f"/analytics/summary?{query}"))


def made(accounts, at: datetime | None = None, **fields) -> Post:
    post = make_post(accounts[0].workspace, accounts, **fields)
    if at:
        Post.objects.filter(pk=post.pk).update(created_at=at)
    return post


def test_a_range_of_long_ago_is_written_with_four_digits(ada):
    query = "period=custom&from=0997-07-17T00:00:00Z&to=1997-07-17T00:00:00Z"

    data = ada.get("/analytics/summary", QUERY_STRING=query).json()["data"]

    assert data["range"]["from"] == "0997-07-17T00:00:00Z"


def test_a_summary_has_exactly_these_fields(ada):
    make_account(ada.workspace)

    data = summary(ada)

    assert set(data) == {
        "period",
        "range",
        "posts",
        "by_platform",
        "metrics",
        "metrics_available",
        "accounts",
        "ai_credits",
    }
    assert data["period"] == "month"
    assert set(data["range"]) == {"from", "to"}
    assert data["posts"] == dict.fromkeys(POSTS, 0)
    zeros = {"total": 0, "scheduled": 0, "published": 0, "failed": 0}
    assert data["by_platform"] == [{"platform": "x", **zeros}]
    assert data["metrics"] == dict.fromkeys(METRICS, 0)
    assert data["metrics_available"] == []
    assert data["ai_credits"] == {"used_this_period": 0, "bonus": 0}


def test_posts_and_destinations_are_counted_by_what_they_are_now(ada):
    x, linkedin = make_account(ada.workspace), make_account(ada.workspace, "linkedin")
    for status in ("draft", "scheduled", "publishing", "published", "partial", "partial", "failed"):
        post = made([x])
        Post.objects.filter(pk=post.pk).update(status=status)
    made([linkedin], scheduled_for=clock.now() + timedelta(days=1))
    settled = made([linkedin], status="failed")
    Post.objects.filter(pk=settled.pk).update(status="failed")

    data = summary(ada)

    assert data["posts"] == {
        "total": 9,
        "draft": 1,
        "scheduled": 2,
        "publishing": 1,
        "published": 1,
        "partially_failed": 2,
        "failed": 2,
    }
    assert data["by_platform"] == [
        {"platform": "x", "total": 7, "scheduled": 1, "published": 0, "failed": 0},
        {"platform": "linkedin", "total": 2, "scheduled": 1, "published": 0, "failed": 1},
    ]


def test_a_period_ends_now(ada):
    for period, days, count in (("today", 1, 1), ("week", 7, 2), ("month", 30, 3), ("all", 0, 4)):
        with apart(period, days, count):
            account = make_account(ada.workspace)
            for ago in (0.5, 2, 10, 100):
                made([account], clock.now() - timedelta(days=ago))

            data = summary(ada, f"period={period}")

            assert data["period"] == period
            assert data["posts"]["total"] == count
            end = datetime.fromisoformat(data["range"]["to"])
            assert abs(end - clock.now()) < timedelta(minutes=1)
            if days:
                assert end - datetime.fromisoformat(data["range"]["from"]) == timedelta(days=days)
            else:
                assert data["range"]["from"] is None


def test_the_start_of_a_custom_period_is_in_it_and_its_end_is_not(ada, account):
    for hours in range(4):
        made([account], NOON + timedelta(hours=hours))

    query = "period=custom&from=2026-03-15T13:00:00Z&to=2026-03-15T15:00:00Z"
    assert summary(ada, query)["posts"]["total"] == 2
    assert summary(ada, query)["range"] == {
        "from": "2026-03-15T13:00:00Z",
        "to": "2026-03-15T15:00:00Z",
    }
    naive = "period=custom&from=2026-03-15T13:00:00&to=2026-03-15T15:00:00"
    assert summary(ada, naive)["posts"]["total"] == 2
    offset = "period=custom&from=2026-03-15T15:00:00%2B02:00&to=2026-03-15T17:00:00.000001%2B02:00"
    assert summary(ada, offset)["posts"]["total"] == 3
    forever = "period=custom&from=0001-01-02T00:00:00Z&to=9999-12-30T23:59:59Z"
    assert summary(ada, forever)["posts"]["total"] == 4
    ahead = "period=custom&from=9998-01-01T00:00:00Z&to=9999-12-30T23:59:59Z"
    assert summary(ada, ahead)["posts"]["total"] == 0


def test_a_period_that_makes_no_sense_is_a_400(ada):
    for query in (
        "period=year",
        "period=custom",
        "period=custom&from=2026-03-15T13:00:00Z",
        "period=custom&to=2026-03-15T13:00:00Z",
        "period=custom&from=2026-03-15T13:00:00Z&to=2026-03-15T13:00:00Z",
        "period=custom&from=2026-03-15T14:00:00Z&to=2026-03-15T13:00:00Z",
        "period=custom&from=yesterday&to=2026-03-15T13:00:00Z",
        "period=week&from=2026-03-15T13:00:00Z&to=2026-03-15T14:00:00Z",
        "from=2026-03-15T13:00:00Z&to=2026-03-15T14:00:00Z",
        "campaign_id=spring",
    ):
        with apart(query):
            refused(ada.get(f"/analytics/summary?{query}"), 400, "validation_error")


def test_an_unknown_parameter_is_a_400(ada):
    refused(ada.get("/analytics/summary?span=week"), 400, "invalid_field_name")


def test_a_campaign_is_counted_alone(ada, cy):
    account, campaign = make_account(ada.workspace), make_campaign(ada.workspace)
    made([account], campaign=campaign.pk)
    made([account])

    assert summary(ada, f"campaign_id={campaign.pk}")["posts"]["total"] == 1
    assert summary(ada, f"campaign_id={campaign.pk + 1}")["posts"]["total"] == 0
    assert summary(cy, f"campaign_id={campaign.pk}")["posts"]["total"] == 0
    ada.delete(f"/campaigns/{campaign.pk}")
    assert summary(ada, f"campaign_id={campaign.pk}")["posts"]["total"] == 0
    assert summary(ada)["posts"]["total"] == 2


def test_ai_credits_are_those_spent_in_the_period(ada):
    for days, spent in ((0.5, 5), (3, 8)):
        at = clock.now() - timedelta(days=days)
        AiUse.objects.create(
            workspace=ada.workspace, kind="image", credits=spent, is_settled=True, created_at=at
        )

    assert summary(ada, "period=today")["ai_credits"] == {"used_this_period": 5, "bonus": 0}
    assert summary(ada, "period=all")["ai_credits"] == {"used_this_period": 13, "bonus": 0}


def test_a_deleted_post_is_not_counted(ada):
    post = made([make_account(ada.workspace)], scheduled_for=clock.now() + timedelta(days=1))
    assert summary(ada)["posts"]["total"] == 1

    assert ada.delete(f"/posts/{post.public_id}").status_code == 200

    data = summary(ada)
    assert (data["posts"]["total"], data["by_platform"][0]["total"]) == (0, 0)


def test_another_workspace_counts_nothing_of_it(ada, cy):
    made([make_account(ada.workspace)])

    data = summary(cy)

    assert data["posts"]["total"] == 0
    assert data["by_platform"] == []


def test_a_restricted_key_counts_what_it_sees(ada):
    mine, other = make_account(ada.workspace), make_account(ada.workspace, "linkedin")
    campaign = make_campaign(ada.workspace)
    for accounts in ([mine], [mine, other], [other]):
        made(accounts, campaign=campaign.pk)
    made([mine], NOON)
    some = Caller(ada.workspace, *keys.create(ada.workspace, "Some", ("read",), accounts=[mine]))

    data = summary(some)

    assert data["posts"]["total"] == 1
    assert [(each["platform"], each["total"]) for each in data["by_platform"]] == [("x", 1)]
    assert summary(some, f"campaign_id={campaign.pk}")["posts"]["total"] == 1
    assert summary(some, "period=all")["posts"]["total"] == 2


def test_a_restricted_key_with_many_posts_counts_those_of_the_range_that_it_is_told(
    ada, monkeypatch
):
    monkeypatch.setattr(queries, "FEW", 0)
    monkeypatch.setattr(tallies, "MOST_LOOKED_AT", 2)
    account = make_account(ada.workspace)
    for hours in range(4):
        made([account], NOON + timedelta(hours=hours))
    some = Caller(ada.workspace, *keys.create(ada.workspace, "Some", ("read",), accounts=[account]))
    early = NOON + timedelta(hours=2)
    custom = f"period=custom&from={NOON:%Y-%m-%dT%H:%M:%SZ}&to={early:%Y-%m-%dT%H:%M:%SZ}"

    data = summary(some, "period=all")

    assert (data["range"]["from"], data["posts"]["total"]) == ("2026-03-15T13:00:01Z", 2)
    data = summary(some, custom)
    assert (data["range"]["from"], data["posts"]["total"]) == ("2026-03-15T12:00:00Z", 2)


def test_destinations_of_an_account_that_is_gone_are_still_counted(ada, account):
    made([account])
    account.delete()

    assert [each["total"] for each in summary(ada)["by_platform"]] == [1]
