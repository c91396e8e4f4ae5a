"""`manage.py check_consistency`: find contradictions in the database and repair some of them."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from destinations.state import consistency as of_destinations
from destinations.state.consistency import SHOWN, Inconsistency
from posts.composing import consistency as of_posts

CHECKS = (*of_destinations.CHECKS, *of_posts.CHECKS)


class Command(BaseCommand):
    help = (
        "Finds posts and destinations that contradict themselves; exit status 1 if there are any. "
        "Only reads without --repair, and may run at any time."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--repair",
            action="store_true",
            help="repair what cannot lead to a second post; report the rest",
        )

    def handle(self, *, repair: bool, **options: Any) -> None:
        found = _find()
        if repair:
            for finding in found:
                self._repair(finding)
            found = _find()
        for finding in found:
            self._tell(finding)
        if found:
            raise CommandError(f"{len(found)} of {len(CHECKS)} checks found something.")
        self.stdout.write(f"No contradictions: {len(CHECKS)} checks.")

    def _repair(self, finding: Inconsistency) -> None:
        check = finding.check
        if check.repair:
            self.stdout.write(f"{check.name}: repaired {check.repair()} of {finding.count}")

    def _tell(self, finding: Inconsistency) -> None:
        check = finding.check
        self.stdout.write(f"{check.name}: {finding.count}. {check.sentence}")
        more = f" and {finding.count - SHOWN} more" if finding.count > SHOWN else ""
        self.stdout.write(f"    {' '.join(finding.public_ids)}{more}")


def _find() -> list[Inconsistency]:
    with of_destinations.snapshot():
        return of_destinations.find(CHECKS)
