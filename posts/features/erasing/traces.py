"""Delete what names erased accounts and keys elsewhere: pauses, outages, counts, Redis, files."""

import uuid
from collections.abc import Collection

from django.apps import apps
from django.db.models import F, Func, Q, Value

from destinations.accounts.tokens import lost, newest
from destinations.models import Account, Outage, Pause
from destinations.runtime import database
from destinations.runtime.replica import lag
from posts.features.erasing import rows, tables
from posts.features.erasing.models import Erasure
from posts.keys import near_limits, rate_limits
from posts.media import storage
from posts.models import OAuthClient, OAuthGrant

#: The number that stands where an account's was. No account has it, so that no list of accounts
#: becomes empty, which may mean all of them.
NOT_AN_ACCOUNT = 0
COUNTS = """
    UPDATE destinations_outcomecount SET
        lowest_account = CASE WHEN lowest_account = ANY(%(numbers)s) THEN 0 ELSE lowest_account END,
        highest_account =
            CASE WHEN highest_account = ANY(%(numbers)s) THEN 0 ELSE highest_account END
    WHERE lowest_account = ANY(%(numbers)s) OR highest_account = ANY(%(numbers)s)
"""


def of_accounts(erasure: Erasure, numbers: Collection[int]) -> int:
    """Forget these accounts where nothing but their number says whose it is. Raises RedisError."""
    targets = list(map(str, numbers))
    outages = Outage.objects.filter(scope=Outage.Scope.ACCOUNT, target__in=targets)
    accounts = Account.objects.filter(pk__in=numbers)
    named = Q(cause__in=[f"outages:account:{each}" for each in targets])
    for name in accounts.values_list("name", flat=True):
        named |= Q(cause__startswith="lost tokens:", said__contains=name)
    incidents = apps.get_model("config.Incident")._default_manager.filter(named)
    pauses = Pause.objects.filter(scope=Pause.Scope.ACCOUNT, target__in=targets)
    for found in (outages, incidents, pauses.exclude(target=erasure.target)):
        while rows.delete(erasure, found):
            pass
    Outage.objects.filter(probe_account__in=numbers).update(probe=None, probe_account=None)
    database.execute(COUNTS, {"numbers": list(numbers)})
    lost.forget(numbers)
    newest.forget(list(accounts))
    return 0


def of_pause(erasure: Erasure) -> int:
    """End and forget the pauses of what is erased, the last of all."""
    return rows.delete(erasure, Pause.objects.filter(scope=erasure.scope, target=erasure.target))


def of_programs(erasure: Erasure) -> int:
    """Delete programs that only this workspace had connected."""
    others = OAuthGrant.objects.exclude(workspace=erasure.target)
    mine = OAuthClient.objects.filter(grants__workspace=erasure.target)
    return rows.delete(erasure, mine.exclude(grants__in=others).distinct())


def of_callers(workspace_id: str) -> int:
    """Delete what Redis counts of the workspace and of what opens it. Raises RedisError."""
    names = {workspace_id}
    for model, path in tables.with_column("revoked_at"):
        keys = model._default_manager.filter(**{path: workspace_id})
        names |= set(map(str, keys.values_list("pk", flat=True)))
    rate_limits.forget(names)
    near_limits.forget(names)
    lag.forget(f"workspace:{workspace_id}")
    return 0


def of_files(workspace_id: str) -> int:
    """Delete all stored bytes. Raises OSError."""
    storage.delete_of_workspace(uuid.UUID(workspace_id))
    return 0


def replace_number(workspace_id: uuid.UUID, number: int) -> int:
    """Put `NOT_AN_ACCOUNT` in the place of an account in every list of accounts."""
    for model, path, field in tables.with_account_lists():
        here = model._default_manager.filter(**{path: workspace_id})
        if field.get_internal_type() == "JSONField":
            _replace_in_json(here, field.column, number)
            continue
        new = Func(F(field.name), Value(number), Value(NOT_AN_ACCOUNT), function="array_replace")
        here.filter(**{f"{field.name}__contains": [number]}).update(**{field.name: new})
    return 0


def _replace_in_json(here: object, column: str, number: int) -> None:
    for row in here.filter(**{f"{column}__contains": [number]}):  # type: ignore[attr-defined]
        ids = [NOT_AN_ACCOUNT if each == number else each for each in getattr(row, column)]
        type(row)._default_manager.filter(pk=row.pk).update(**{column: ids})
