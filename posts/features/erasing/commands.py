"""The commands that erase: they show what goes, and erase it once its name is confirmed."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from destinations import pauses
from destinations.models import Account
from destinations.wording import quoted
from posts.features.erasing import erase, summary
from posts.features.erasing.models import Erasure
from posts.models import Workspace


class EraseCommand(BaseCommand):
    """Shows what goes; with the name confirmed, erases it. Repeated, it goes on."""

    scope: str

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id")
        parser.add_argument(
            "--confirm", default="", metavar="NAME", help="its name, to erase it; else only look"
        )

    def find(self, text: str) -> Workspace | Account | None:
        raise NotImplementedError

    def handle(self, *, id: str, confirm: str, **options: Any) -> None:  # noqa: A002 - its name
        target, erasure = self.find(id), self._open(id)
        if target is None and erasure is None:
            raise CommandError(f"There is no {self.scope} {id}.")
        if target is not None and erasure is None:
            self._check(target, confirm)
            try:
                erasure = erase.begin(target, "operator:command")
            except pauses.StartHangs as why:
                raise CommandError(str(why)) from None
        if erasure is not None:
            self._work(erasure)

    def _open(self, text: str) -> Erasure | None:
        return Erasure.objects.filter(scope=self.scope, target=text, ended_at=None).first()

    def _check(self, target: Workspace | Account, confirm: str) -> None:
        if confirm == target.name:
            return
        self.stdout.write(f"To be erased: {quoted(target)}")
        for line in summary.of(target):
            self.stdout.write(f"  {line.number:>8}  {line.name}")
        for heading, lines in (("What happens", summary.HAPPENS), ("Stays", summary.stays(target))):
            self.stdout.write(f"{heading}:")
            for each in lines:
                self.stdout.write(f"  - {each}")
        raise CommandError(f"Nothing was erased. To erase it: --confirm {target.name!r}")

    def _work(self, erasure: Erasure) -> None:
        erase.work(erasure, seconds=float("inf"))
        if erasure.ended_at:
            self.stdout.write(f"Erased: {erasure}.")
            return
        self.stdout.write(
            f"Closed, and erased but for what waits: {erasure.waits_for}. The periodic task "
            "“Erase customers” goes on with it by itself."
        )


class EraseWorkspace(EraseCommand):
    help = (
        "Erase a workspace: its keys end at once, what is in flight is waited for, the rest is "
        "deleted. Without --confirm it only shows what would go."
    )
    scope = Erasure.Scope.WORKSPACE

    def find(self, text: str) -> Workspace | None:
        return erase.find_workspace(text)


class EraseAccount(EraseCommand):
    help = (
        "Erase an account, its tokens, and its destinations with all posts that had no other. "
        "Without --confirm it only shows what would go."
    )
    scope = Erasure.Scope.ACCOUNT

    def find(self, text: str) -> Account | None:
        return erase.find_account(text)


COMMANDS = {"erase_workspace": EraseWorkspace, "erase_account": EraseAccount}
