"""Pause publishing: for everything, a network, a workspace or an account."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from destinations import pauses
from destinations.models import Pause
from destinations.pauses import held_counts
from destinations.pauses.lifecycle import StartHangs, UnknownTarget
from platforms.registry import ADAPTERS


def add_target(parser: ArgumentParser, *, nargs: str | None = None) -> None:
    parser.add_argument("scope", nargs=nargs, choices=Pause.Scope.values)
    parser.add_argument(
        "target",
        nargs="?",
        default="",
        help=f"the network ({', '.join(ADAPTERS)}), or the id of the workspace or account",
    )


class Command(BaseCommand):
    help = (
        "Pause publishing. What has not begun waits; what has reached its network goes on. Without "
        "a scope: list what is paused."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_target(parser, nargs="?")
        parser.add_argument("--reason", default="", help="why, for operators")
        parser.add_argument("--notice", default="", help="one sentence that customers read")

    def handle(
        self, *, scope: str | None, target: str, reason: str, notice: str, **options: Any
    ) -> None:
        if scope is None:
            for pause in pauses.active():
                self.stdout.write(_line(pause))
            return
        if not reason:
            raise CommandError("Say why, with --reason.")
        try:
            made = pauses.pause(scope, target, by="operator:command", reason=reason, notice=notice)
        except (pauses.AlreadyPaused, UnknownTarget, StartHangs) as why:
            raise CommandError(str(why)) from None
        self.stdout.write(f"Paused: {made.marked_name}. Nothing of it begins from now on.")


def _line(pause: Pause) -> str:
    count = held_counts.due(pause)
    waits = f"{held_counts.MOST:,}+" if count > held_counts.MOST else f"{count:,}"
    since = f"{pause.paused_at:%Y-%m-%d %H:%M:%S} UTC"
    what = f"{pause.scope} {pause.target}".strip()
    return (
        f"{what} ({pause.marked_name}): since {since}, by {pause.paused_by}, {waits} wait: "
        f"{pause.reason}"
    )
