"""Say that the database is a backup. Run it while no worker runs, and before any starts.

Workers notice most restores by themselves; a copy of a whole machine looks as if nothing happened.
"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from destinations.dispatch import heartbeat
from destinations.state import restore


class Command(BaseCommand):
    help = (
        "The database was restored from a backup: what may have been published since is not sent "
        "again without a person's word. Run it before workers start."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--nothing-lost",
            action="store_true",
            help="it has only moved, and was stopped all the while: what is due goes out",
        )

    def handle(self, *, nothing_lost: bool, **options: Any) -> None:
        doubted = None if nothing_lost else restore.mark_possibly_published(by="operator:command")
        heartbeat.accept()
        if doubted is None:
            self.stdout.write("Taken as it is: what is due goes out.")
            return
        for platform, count in sorted(doubted.items()):
            self.stdout.write(f"{platform}: {count}")
        self.stdout.write(
            f"In doubt: {doubted.total()}. Look at the accounts, and say in the admin, at "
            '"Failed, may be public", which of them are.'
        )
