"""`manage.py revoke_api_key`: revoke a key permanently."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from posts.errors import RequestRefused
from posts.keys import keys


class Command(BaseCommand):
    help = "Revokes an API key permanently. Programs that use it are refused."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("key", help="its id or prefix, such as pe_live_4f3c")

    def handle(self, *, key: str, **options: Any) -> None:
        try:
            found = keys.named(key)
        except RequestRefused as refused:
            raise CommandError(refused.message) from None
        if not keys.revoke(found):
            raise CommandError(f"{found} was already revoked.")
        self.stdout.write(f"Revoked {found}.")
