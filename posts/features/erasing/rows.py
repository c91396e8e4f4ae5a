"""Delete rows of any table in small transactions, with what hangs on them and the operators' log.

Each transaction locks the erasure first, so that two processes with the same one take turns.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Model, QuerySet
from django.db.models.deletion import Collector

from posts.features.erasing import tables
from posts.features.erasing.models import Erasure

#: Rows of one transaction.
BATCH = 500


@contextmanager
def locked(erasure: Erasure) -> Iterator[None]:
    with transaction.atomic():
        Erasure.objects.select_for_update(no_key=True).get(pk=erasure.pk)
        yield


def delete(erasure: Erasure, rows: QuerySet[Any]) -> int:
    """Delete a batch of these rows; return how many. Repeat it until it returns 0."""
    keys = list(rows.order_by().values_list("pk", flat=True)[:BATCH])
    if keys:
        _delete(erasure, rows.model, keys)
    return len(keys)


def _delete(erasure: Erasure, model: type[Model], keys: Sequence[Any]) -> None:
    for child, column in tables.children(model):
        hanging = child._default_manager.filter(**{f"{column}__in": keys})
        while delete(erasure, hanging):
            pass
    with locked(erasure):
        delete_whole(model._default_manager.filter(pk__in=keys))


def delete_whole(found: QuerySet[Any]) -> None:
    """Delete these rows with all that hangs on them, in the caller's transaction."""
    collector = Collector(using=found.db, origin=found)
    collector.collect(found)
    kinds = set(LogEntry.objects.values_list("content_type", flat=True).distinct())
    for model, instances in collector.data.items():
        forget_log(model, [each.pk for each in instances], kinds)
    for each in collector.fast_deletes:
        forget_log(each.model, each.values_list("pk", flat=True), kinds)
    collector.delete()


def forget_log(
    model: type[Model], keys: Iterable[Any], kinds: Collection[int | None] | None = None
) -> None:
    """Delete what operators did to these rows: the log has their names.

    `kinds`: the content types of all entries, if the caller knows them.
    """
    kind = ContentType.objects.get_for_model(model)
    if kinds is None or kind.pk in kinds:
        LogEntry.objects.filter(content_type=kind, object_id__in=list(map(str, keys))).delete()
