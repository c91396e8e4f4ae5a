"""Short forms of Django's operations, with which migrations declare new tables."""

import uuid
from typing import Any

from django.db import migrations, models
from django.db.models.lookups import Exact

ID = models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")
UUID = models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)
#: The key of a table that `one_row` holds to a single row.
ONE = models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)


def table(
    name: str,
    /,
    *rules: models.Index | models.BaseConstraint,
    options: dict[str, Any] | None = None,
    **fields: models.Field,
) -> migrations.CreateModel:
    """Create a table. Its columns are in the order of `fields`."""
    indexes = [rule for rule in rules if isinstance(rule, models.Index)]
    constraints = [rule for rule in rules if isinstance(rule, models.BaseConstraint)]
    more = {"indexes": indexes, "constraints": constraints}
    return migrations.CreateModel(name, list(fields.items()), {**(options or {}), **more})


def index(name: str, *fields: str, where: models.Q | None = None) -> models.Index:
    return models.Index(fields=fields, condition=where, name=name)


def unique(
    name: str, *fields: str, where: models.Q | None = None, nulls_distinct: bool | None = None
) -> models.UniqueConstraint:
    return models.UniqueConstraint(
        fields=fields, condition=where, nulls_distinct=nulls_distinct, name=name
    )


def one_row(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=models.Q(id=1), name=name)


def choice(values: str, max_length: int = 10, **options: Any) -> models.CharField:
    """Return a column for one of these words, labelled as TextChoices does."""
    named = [(value, value.replace("_", " ").title()) for value in values.split()]
    return models.CharField(max_length=max_length, choices=named, **options)


def covered_key(to: str, related_name: str) -> models.ForeignKey:
    """Return a foreign key that needs no index of its own, because a longer one begins with it."""
    return models.ForeignKey(to, models.CASCADE, db_index=False, related_name=related_name)


def primary_key_to(to: str, related_name: str) -> models.OneToOneField:
    """Return the key of a table with at most one row for each row of another one."""
    return models.OneToOneField(
        to, models.CASCADE, primary_key=True, serialize=False, related_name=related_name
    )


def not_null(column: str) -> models.Q:
    """Return `IS NOT NULL` in a form that the planner takes for no other index's condition."""
    count = models.Func(column, function="num_nonnulls", output_field=models.IntegerField())
    return models.Q(Exact(count, 1))


def vacuum_often(name: str) -> migrations.RunSQL:
    """Vacuum by a fiftieth of the rows, not only by a fifth. Waits for no reader or writer."""
    often = {
        "autovacuum_vacuum_scale_factor": "0.02",
        "autovacuum_vacuum_threshold": "1000",
        "autovacuum_analyze_scale_factor": "0.02",
        "autovacuum_analyze_threshold": "1000",
    }
    settings = ", ".join(f"{setting} = {value}" for setting, value in often.items())
    return migrations.RunSQL(
        f"ALTER TABLE {name} SET ({settings})", f"ALTER TABLE {name} RESET ({', '.join(often)})"
    )
