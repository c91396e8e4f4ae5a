"""Analytics say what a plain count says, counted before or not."""

import pytest

from posts.features.analytics import counting
from posts.features.analytics.models import CountedPost, DeletedPost, PostTally
from tests.posts.conftest import data_of
from tests.posts.features.analytics.life import Life, in_campaign, plain

SEEDS = [0, *(pytest.param(seed, marks=pytest.mark.thorough) for seed in range(1, 6))]
STAMP = "%Y-%m-%dT%H:%M:%S.%fZ"


def told(caller, start, end, campaign):
    query = f"period=custom&from={start.strftime(STAMP)}&to={end.strftime(STAMP)}"
    query += f"&campaign_id={campaign}" if campaign else ""
    data = data_of(caller.get(f"/analytics/summary?{query}"))
    order = ("x", "linkedin", "threads")
    by_platform = sorted(data["by_platform"], key=lambda each: order.index(each["platform"]))
    return {"posts": data["posts"], "by_platform": by_platform}


@pytest.fixture
def unlimited(settings):
    settings.RATE_LIMITS = {"requests": (), "posts": ()}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_summary_equals_a_plain_count_of_what_happened(ada, unlimited, monkeypatch, seed):
    monkeypatch.setattr(counting, "STEP", 7)
    life = Life(ada, seed)
    for turn in range(120):
        life.happens()
        if life.random.random() < 0.1:
            counting.count()
        if turn % 6 == 0:
            start, end = life.window()
            campaign = life.campaign()
            assert told(ada, start, end, campaign) == plain(start, end, campaign), turn
    for campaign in life.campaigns:
        answer = ada.get(f"/campaigns/{campaign}").json()["data"]
        assert answer["post_count"] == in_campaign(campaign)


def test_once_counted_the_tallies_alone_hold_the_sum(ada, unlimited):
    life = Life(ada, 7)
    for _ in range(60):
        life.happens()
    counting.count()

    parts: dict[str, int] = {}
    for counted in CountedPost.objects.all():
        for part in counted.parts:
            parts[part] = parts.get(part, 0) + 1
    tallied: dict[str, int] = {}
    for tally in PostTally.objects.filter(campaign_number=0).exclude(count=0):
        tallied[tally.part] = tallied.get(tally.part, 0) + tally.count
    assert tallied == parts
    assert all(tally.count >= 0 for tally in PostTally.objects.all())
    assert not DeletedPost.objects.exists()


def test_nothing_is_counted_twice(ada, unlimited):
    life = Life(ada, 8)
    for _ in range(30):
        life.create()

    assert counting.count() == 30
    assert counting.count() == 0
