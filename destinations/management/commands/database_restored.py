"""Declare that the database was restored. Run it while no worker runs, before any starts.

Most restores are detected automatically. A copy of a whole machine is not.
"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from destinations.dispatch.restoring import restore_detector
from destinations.pauses import current


class Command(BaseCommand):
    help = (
        "The database was restored from a backup. After a restore, posts that may already be live "
        "are not resent unless a person confirms it. Run it before workers start."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--nothing-lost",
            action="store_true",
            help="the database only moved and was stopped meanwhile: due posts are sent",
        )

    def handle(self, *, nothing_lost: bool, **options: Any) -> None:
        if nothing_lost:
            restore_detector.accept()
            self.stdout.write("The database is accepted as it is. Due posts are sent.")
            return
        marked = restore_detector.declare_restored(by="operator:command")
        for platform, count in sorted(marked.items()):
            self.stdout.write(f"{platform}: {count}")
        self.stdout.write(
            f"May be public: {marked.total()}. Look at the accounts, then resolve each destination "
            'in the admin, under "Failed, may be public".'
        )
        for pause in current.active():
            self.stdout.write(f"Paused, {pause.marked_name}: {pause.reason}")
            self.stdout.write(f"To resume: manage.py resume {pause.scope} {pause.target}".rstrip())
