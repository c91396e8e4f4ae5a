"""Resume what was paused."""

from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from destinations import pauses
from destinations.management.commands.pause import add_target
from destinations.models import Pause
from destinations.pauses import after_restore, held_counts
from destinations.pauses.after_restore import Decision, Undecided, UnknownGroup

ASK = (
    "Still paused. The database was restored, and nothing is known of what was published, changed "
    "or deleted in the lost time. Decide on each of these, then resume again:"
)
HOW = (
    "--publish NAME: it goes out as scheduled. --doubt NAME: it ends as “Failed, may be public”, "
    "and a person decides on each post. NAME is WORKSPACE/AGE as above, a workspace, an age "
    "(overdue, day, later) or all; the narrowest counts."
)


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
        for decision in ("publish", "doubt"):
            parser.add_argument(
                f"--{decision}",
                action="append",
                default=[],
                metavar="NAME",
                help="after a restore: what becomes of these posts. Without it they are listed",
            )

    def handle(
        self,
        *,
        scope: str,
        target: str,
        lift_limits: bool,
        publish: list[str],
        doubt: list[str],
        **options: Any,
    ) -> None:
        by = "operator:command"
        found = [pause for pause in pauses.active() if pause.key == f"{scope}:{target}"]
        if not found:
            raise CommandError("This is not paused. `manage.py pause` lists what is.")
        (pause,) = found
        if pause.scope == Pause.Scope.INSTALLATION:
            self._settle(_decisions(publish, doubt), by)
        if lift_limits:
            self.stdout.write(f"Limits lifted: {held_counts.lift_limits(pause, by=by):,}")
        pauses.resume(pause.pk, by=by)
        self.stdout.write(f"Resumed: {pause.marked_name}. What waited goes out in turn.")

    def _settle(self, decisions: Mapping[str, Decision], by: str) -> None:
        """Settle decisions before limits are lifted, which would pass for later changes."""
        try:
            with transaction.atomic():
                doubted = after_restore.settle(decisions, by)
        except Undecided as undecided:
            listed = (f"  {each.key}  {each}" for each in undecided.groups)
            raise CommandError("\n".join([ASK, *listed, HOW])) from None
        except UnknownGroup as unknown:
            raise CommandError(str(unknown)) from None
        if doubted:
            self.stdout.write(f"May be public, and not sent: {doubted:,}")


def _decisions(publish: list[str], doubt: list[str]) -> dict[str, Decision]:
    if twice := set(publish) & set(doubt):
        raise CommandError(f"Both are said of {', '.join(sorted(twice))}.")
    published: dict[str, Decision] = dict.fromkeys(publish, "publish")
    doubted: dict[str, Decision] = dict.fromkeys(doubt, "doubt")
    return published | doubted
