"""Re-encrypt all encrypted columns with the newest of CREDENTIAL_KEYS.

Safe while everything runs: a row that changes meanwhile is read again.
"""

from collections import Counter
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Model

from destinations.accounts import encryption
from destinations.models import Account, Connection, Destination, Server

#: Every column that `accounts.encryption` seals.
SEALED: tuple[tuple[type[Model], str], ...] = (
    (Account, "credentials"),
    (Destination, "checkpoint"),
    (Connection, "verifier"),
    (Connection, "found"),
    (Server, "app"),
    (apps.get_model("posts.IdempotencyRecord"), "answer"),
    (apps.get_model("posts.Webhook"), "secret"),
    (apps.get_model("posts.Webhook"), "previous_secret"),
)


class Command(BaseCommand):
    help = (
        "Re-encrypt credentials, checkpoints, pending connections, apps at servers, stored answers "
        "and webhooks' secrets with the newest key. Restart web and workers with the new key "
        "first; remove the old one when nothing is unreadable."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        unreadable = 0
        for model, column in SEALED:
            counts = Counter(_rotate(model, column, key) for key in _keys(model, column))
            unreadable += counts["unreadable"]
            self.stdout.write(
                f"{model._meta.model_name}.{column}: {counts['rotated']} re-encrypted, "
                f"{counts['newest']} had the newest key, {counts['unreadable']} unreadable"
            )
        if unreadable:
            raise CommandError(
                f"{unreadable} could not be read with any configured key. Add the key that "
                "encrypted them, or reconnect those accounts."
            )


def _keys(model: type[Model], column: str) -> list[Any]:
    rows = model._default_manager.exclude(**{column: ""}).order_by("pk")
    return list(rows.values_list("pk", flat=True))


def _rotate(model: type[Model], column: str, key: Any) -> str:
    """`rotated`, `newest`, `unreadable` or `gone`. Compare-and-set, repeated until it succeeds."""
    rows = model._default_manager.filter(pk=key)
    while True:
        sealed = rows.values_list(column, flat=True).first()
        if not sealed:
            return "gone"
        if encryption.has_newest_key(sealed):
            return "newest"
        try:
            again = encryption.reseal(sealed)
        except encryption.Unreadable:
            return "unreadable"
        if rows.filter(**{column: sealed}).update(**{column: again}):
            return "rotated"
