"""However a worker learns that it is to stop, publishing learns it too."""

import signal

import pytest
from celery.signals import worker_shutting_down

from config.celery import Publishing, app
from destinations.runtime.worker import shutdown


@pytest.fixture(autouse=True)
def going_on():
    assert not shutdown.is_requested()
    yield
    shutdown.reset()


def test_a_signal_tells_it():
    worker_shutting_down.send(sender="worker", sig=signal.SIGTERM, how="Warm", exitcode=0)

    assert shutdown.is_requested()


def test_a_worker_that_is_closed_for_any_other_reason_tells_it():
    assert Publishing in app.steps["worker"]

    Publishing(None).close(None)

    assert shutdown.is_requested()
