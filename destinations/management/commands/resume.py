"""Resume what was paused."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from destinations import pauses
from destinations.management.commands.pause import add_target
from destinations.pauses import held_counts


class Command(BaseCommand):
    help = "Resume publishing. What waited goes out in turn, workspace by workspace."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_target(parser)
        parser.add_argument(
            "--lift-limits",
            action="store_true",
            help="publish what waited however late it is; otherwise posts later than their "
            "workspace allows fail as missed_schedule",
        )

    def handle(self, *, scope: str, target: str, lift_limits: bool, **options: Any) -> None:
        by = "operator:command"
        found = [pause for pause in pauses.active() if pause.key == f"{scope}:{target}"]
        if not found:
            raise CommandError("This is not paused. `manage.py pause` lists what is.")
        (pause,) = found
        if lift_limits:
            self.stdout.write(f"Limits lifted: {held_counts.lift_limits(pause, by=by):,}")
        pauses.resume(pause.pk, by=by)
        self.stdout.write(f"Resumed: {pause.name}. What waited goes out in turn.")
