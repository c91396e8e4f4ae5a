"""`manage.py rotate_api_key`: replace a key by a new one and print it once."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from posts import rate_windows
from posts.errors import RequestRefused
from posts.keys import keys


class Command(BaseCommand):
    help = (
        "Creates a key with the same name, scopes, accounts and limits, and prints it. It cannot "
        "be shown again. The old key keeps working for a while."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("key", help="its id or prefix, such as pe_live_4f3c")
        parser.add_argument(
            "--overlap", default="24h", help="how long both keys work: 0s, 90min, 24h, 7day"
        )

    def handle(self, *, key: str, overlap: str, **options: Any) -> None:
        try:
            seconds = rate_windows.length(overlap)
            _, secret = keys.rotate(keys.named(key), timedelta(seconds=seconds))
        except (RequestRefused, ValueError) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(secret)
