from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from config.operators import second_factor


class Command(BaseCommand):
    help = (
        "Forget an operator's app and recovery codes, whose phone is lost: they log in by password "
        "and can set a new one up."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"There is no operator {username!r}.")
        if not second_factor.remove(user):
            raise CommandError(f"{username} has no second factor; nothing was changed.")
        self.stdout.write(f"{username} logs in without a second factor now.")
