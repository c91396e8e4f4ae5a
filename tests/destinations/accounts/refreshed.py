"""Helpers for tests of expiring tokens."""

from datetime import timedelta

import pytest
from django.utils import timezone

from destinations.accounts import encryption
from destinations.dispatch import claims
from destinations.models import Destination
from destinations.publishing import worker

S = Destination.Status
REAL_COMMITS = pytest.mark.django_db(transaction=True)


def run():
    worker.publish(claims.claim(100))


def stored(account):
    account.refresh_from_db()
    return encryption.unseal(account.credentials)


def soon():
    return timezone.now() + timedelta(minutes=1)
