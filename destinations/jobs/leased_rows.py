"""Rows of a table that one worker at a time works on, under a lease.

A worker claims a row that is due: it moves the row's due time to the end of a lease and gives the
row a token. It writes to the row only while the token is still its own. So a worker that dies
leaves the row due again when the lease ends, and one that comes late writes nothing. Work that may
outlast the lease renews it. In a table without a column for tokens the end of the lease is one.

A table may count how often a row was claimed, so that a row at which every worker dies is given up.
A database that is away counts for nothing: no worker has died.
"""

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Generic, TypeVar

import structlog
from django.db import Error, transaction
from django.db.models import Count, F, Model, Q, QuerySet

from destinations.runtime import clock, database
from destinations.runtime.worker import batch

log = structlog.get_logger()

Row = TypeVar("Row", bound=Model)
#: The first number of our PostgreSQL advisory locks on claims; the second one is the table's.
_CLAIMING = 4_118_302
#: A lease is renewed once this part of it has passed.
RENEWED_PART = 0.1


class LeaseLost(Exception):
    """Another worker has the row now, or it is no longer wanted."""


class LeasedRows(Generic[Row]):
    """The rows of a model, as the workers that share them see them.

    `due`, `claim` (of tokens) and `tries` name the columns. `is_due` replaces the comparison of
    `due` with the present time. With `owner`, a field or a path of fields, workers claim one after
    the other, and at most `per_owner` rows of an owner have a lease.
    """

    def __init__(
        self,
        model: type[Row],
        *,
        seconds: float,
        due: str = "due_at",
        claim: str | None = "claim",
        tries: str | None = None,
        most_tries: int = 0,
        is_due: Callable[[datetime], Q] | None = None,
        owner: str = "",
        per_owner: int = 0,
    ) -> None:
        self.model, self.seconds, self.most_tries = model, seconds, most_tries
        self._due, self._token, self._tries = due, claim, tries
        self._is_due = is_due or (lambda now: Q(**{f"{due}__lte": now}))
        self._owner, self._per_owner = owner, per_owner

    @transaction.atomic
    def claim(self, limit: int = 1, among: QuerySet[Row] | None = None, **fields: Any) -> list[Row]:
        """Lease up to `limit` due rows to the caller and write `fields` to them.

        The first in the order of `among` are taken; without an order, those due longest. A row
        that another session has locked is left out.
        """
        now, rows = clock.now(), self._all() if among is None else among
        if self._owner:
            rows = self._of_free_owners(rows, now)
        rows = rows.filter(self._is_due(now))
        if not rows.query.order_by:
            rows = rows.order_by(self._due)
        found = list(rows.select_for_update(skip_locked=True, no_key=True, of=("self",))[:limit])
        if not found:
            return []
        values = {**fields, **self.lease()}
        counted = {self._tries: F(self._tries) + 1} if self._tries else {}
        self._all().filter(pk__in=[row.pk for row in found]).update(**values, **counted)
        for row in found:
            vars(row).update(values)
            if self._tries:
                setattr(row, self._tries, getattr(row, self._tries) + 1)
        return found

    def lease(self) -> dict[str, Any]:
        """Return the values of a row that has a new lease, also for one that is made with it."""
        values: dict[str, Any] = {self._due: clock.now() + self._lease}
        return {**values, self._token: uuid.uuid4()} if self._token else values

    def claim_one(self, among: QuerySet[Row] | None = None, **fields: Any) -> Row | None:
        """Lease the first due row to the caller; None if none is due."""
        return next(iter(self.claim(1, among, **fields)), None)

    def is_spent(self, row: Row) -> bool:
        """Return whether a claimed row was started too often: every worker that started it died."""
        return bool(self._tries) and getattr(row, str(self._tries)) > self.most_tries

    def hold(self, row: Row) -> Row | None:
        """Return a claimed row as it is now, locked while the caller's transaction lasts.

        None if the lease is no longer the caller's.
        """
        return self._mine(row).select_for_update(no_key=True).first()

    def write(self, row: Row, **fields: Any) -> None:
        """Update a claimed row. Raises LeaseLost."""
        if not self._mine(row).update(**fields):
            raise LeaseLost

    def renew(self, row: Row, lease: timedelta | None = None) -> None:
        """Restart the lease, or grant another one. Raises LeaseLost."""
        ends_at = clock.now() + (lease or self._lease)
        self.write(row, **{self._due: ends_at})
        setattr(row, self._due, ends_at)

    def keep_alive(self, row: Row) -> None:
        """Renew the lease when a tenth of it has passed; called often. Raises LeaseLost."""
        if getattr(row, self._due) - clock.now() < (1 - RENEWED_PART) * self._lease:
            self.renew(row)

    def renew_all(self, held: Mapping[Any, Any]) -> set[Any]:
        """Restart the leases of these keys with their tokens; return the keys that have one.

        Waits for no lock: a row that is locked is left out, and no worker can claim it meanwhile.
        """
        rows = self._all().filter(**{"pk__in": held, f"{self._token}__in": held.values()})
        with transaction.atomic():
            mine = rows.order_by("pk").select_for_update(skip_locked=True, no_key=True)
            keys = set(mine.values_list("pk", flat=True))
            self._all().filter(pk__in=keys).update(**{self._due: clock.now() + self._lease})
        return keys

    def release(
        self, row: Row, after_seconds: float = 0, *, spends_try: bool = True, **fields: Any
    ) -> None:
        """End the lease and let the row be due after a pause. Raises LeaseLost."""
        values = {**fields, self._due: clock.now() + timedelta(seconds=after_seconds)}
        if self._token:
            values[self._token] = None
        if self._tries and not spends_try:
            values[self._tries] = getattr(row, self._tries) - 1
        self.write(row, **values)

    @contextmanager
    def working(self, row: Row) -> Iterator[None]:
        """Work on a claimed row. The block ends quietly when the lease is lost.

        It also does when the database is away: the row is due at once and no try is spent.
        """
        try:
            yield
        except LeaseLost:
            log.info("lease_lost", job=str(row.pk), model=row._meta.model_name)
        except Error as failure:
            if not database.is_away(failure):
                raise
            event = f"{row._meta.model_name}_interrupted"
            log.warning(event, id=str(row.pk), failure=str(failure))
            with suppress(LeaseLost):
                batch.retry_on_db_loss(partial(self.release, row, spends_try=False))

    @property
    def _lease(self) -> timedelta:
        return timedelta(seconds=self.seconds)

    def _all(self) -> QuerySet[Row]:
        return self.model._default_manager.all()

    def _mine(self, row: Row) -> QuerySet[Row]:
        name = self._token or self._due
        token = getattr(row, name)
        # Comparing with None would find rows without a token.
        return self._all().filter(pk=row.pk, **{name: token}) if token else self._all().none()

    def _of_free_owners(self, rows: QuerySet[Row], now: datetime) -> QuerySet[Row]:
        """Leave out rows whose owner has all leases that it may have."""
        # Workers claim one after the other, so that each counts what the others hold.
        database.execute(
            "SELECT pg_advisory_xact_lock(%s, hashtext(%s))",
            [_CLAIMING, self.model._meta.db_table],
        )
        held = rows.filter(**{f"{self._token}__isnull": False, f"{self._due}__gt": now})
        owners = held.values(self._owner).annotate(count=Count("pk")).order_by()
        full = owners.filter(count__gte=self._per_owner).values(self._owner)
        return rows.exclude(**{f"{self._owner}__in": full})
