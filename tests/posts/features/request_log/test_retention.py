from datetime import timedelta

import pytest
from django.utils import timezone

from config.celery import app
from config.queue.schedule import PERIODIC_TASKS
from posts.features.request_log import recorder, retention
from posts.features.request_log.models import ApiRequest
from tests.posts.features.request_log.conftest import a_call

pytestmark = pytest.mark.django_db


@pytest.fixture
def log(settings):
    """Rows of these ages in days, oldest first; returns the ages that are left."""
    settings.REQUEST_LOG_DAYS = 14

    def store(*days: float) -> None:
        for age in sorted(days, reverse=True):
            recorder.insert([a_call(path=f"/{age}")])
            newest = ApiRequest.objects.latest("id")
            ApiRequest.objects.filter(pk=newest.pk).update(at=timezone.now() - timedelta(days=age))

    return store


def left() -> list[str]:
    return list(ApiRequest.objects.order_by("id").values_list("path", flat=True))


def test_rows_older_than_the_setting_are_deleted_by_the_periodic_task(log):
    log(20, 14.5, 13.5, 1)

    app.tasks["posts.forget_requests"]()

    assert left() == ["/13.5", "/1"]
    assert "posts.forget_requests" in {each.task for each in PERIODIC_TASKS.values()}


def test_without_a_log_nothing_is_left_of_it(log, settings):
    log(1, 0.01)
    settings.REQUEST_LOG_DAYS = 0

    retention.forget()

    assert left() == []
