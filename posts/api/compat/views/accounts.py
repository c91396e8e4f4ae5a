"""Accounts, in the shapes of the published clients."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view

from posts.api.compat.serializers import accounts, retries
from posts.api.compat.uuids import PlainIds
from posts.api.views.accounts import accounts as reference


@extend_schema_view(
    list=extend_schema(responses=accounts.AccountsSerializer),
    retrieve=extend_schema(responses=accounts.AccountSerializer),
    retry_missed=extend_schema(responses=retries.RetriedMissedSerializer),
)
class AccountViewSet(PlainIds, reference.AccountViewSet):
    one: type[accounts.AccountSerializer] = accounts.AccountSerializer
    all: Any = accounts.AccountsSerializer
    retried: type[retries.RetriedMissedSerializer] = retries.RetriedMissedSerializer
