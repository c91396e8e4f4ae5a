from datetime import timedelta

import pytest

from destinations.statistics import counting, series
from platforms.registry import ADAPTERS
from tests.destinations.statistics.attempt_factories import end, make, start, wait

pytestmark = pytest.mark.django_db


def test_a_day_has_a_step_every_five_minutes_for_each_network(now):
    found = series.last_day(now.at)

    assert len(found.times) == 288
    assert found.times[-1] <= now.at < found.times[-1] + series.STEP
    assert found.times[-1] - found.times[0] == series.DAY - series.STEP
    assert [network.platform for network in found.networks] == list(ADAPTERS)
    assert all(network.is_empty for network in found.networks)


def test_outcomes_and_lags_stand_in_their_step(now):
    now.at = now.at.replace(minute=7, second=0)
    end(start(make(wanted_at=now.at - timedelta(seconds=20))), "succeed", "published")
    now.advance(minutes=1)
    end(start(make(wanted_at=now.at - timedelta(seconds=20))), "succeed", "published")
    wait(
        start(make(wanted_at=now.at - timedelta(seconds=20))),
        "retry",
        "platform_unavailable",
        minutes=5,
    )
    now.advance(minutes=10)
    end(start(make(wanted_at=now.at)), "fail", "content_rejected")
    end(start(make(wanted_at=now.at)), "mark_unconfirmed", "")
    counting.run()

    found = series.last_day(now.at)

    x = found.networks[list(ADAPTERS).index("x")]
    assert x.published[-3:] == [2, 0, 0]
    assert x.throughput[-3:] == [0.4, 0, 0]
    assert x.retried[-3:] == [1, 0, 0]
    assert x.failed[-3:] == [0, 0, 1]
    assert x.unconfirmed[-3:] == [0, 0, 1]
    assert x.lag_p99[-3] == pytest.approx(30, abs=1)
    assert (x.lag_p50[-2], x.lag_p50[-1]) == (None, pytest.approx(0.05))
    assert not x.is_empty


def test_what_is_older_than_a_day_is_left_out(now):
    end(start(make()), "succeed", "published")
    counting.run()
    now.advance(hours=24, minutes=5)

    assert all(network.is_empty for network in series.last_day(now.at).networks)
