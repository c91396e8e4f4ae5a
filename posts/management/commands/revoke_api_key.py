"""`manage.py revoke_api_key`: end a key for ever."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from posts.errors import RequestRefused
from posts.keys import keys


class Command(BaseCommand):
    help = "Ends an API key for ever: programs that use it are refused from now on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("key", help="its id, or its beginning: pe_live_4f3c")

    def handle(self, *, key: str, **options: Any) -> None:
        try:
            found = keys.named(key)
        except RequestRefused as refused:
            raise CommandError(refused.message) from None
        if not keys.revoke(found):
            raise CommandError(f"{found} was revoked before.")
        self.stdout.write(f"{found} is revoked.")
