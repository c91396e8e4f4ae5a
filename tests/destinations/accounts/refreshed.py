"""Helpers for tests of expiring tokens."""

from datetime import timedelta

import pytest
from django.utils import timezone

from destinations.accounts import encryption
from destinations.models import Destination

S = Destination.Status
REAL_COMMITS = pytest.mark.django_db(transaction=True)


def stored(account):
    account.refresh_from_db()
    return encryption.unseal(account.credentials)


def soon():
    return timezone.now() + timedelta(minutes=1)
