"""What tests of tokens that end have in common."""

from datetime import timedelta

import pytest
from django.utils import timezone

from destinations import due, publishing, vault
from destinations.models import Destination

S = Destination.Status
REAL_COMMITS = pytest.mark.django_db(transaction=True)


def run():
    publishing.publish(due.claim(100))


def stored(account):
    account.refresh_from_db()
    return vault.unseal(account.credentials)


def soon():
    return timezone.now() + timedelta(minutes=1)
