from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from config.operators import roles


class Command(BaseCommand):
    help = (
        "Give an operator a role, and make them if there is no such user yet: a Viewer sees "
        "posts and what became of them, On-call acts on them too, an Administrator manages "
        "keys, workspaces, periodic tasks and operators."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        choices = [role.lower() for role in roles.ROLES]
        parser.add_argument("--role", required=True, choices=choices)

    def handle(self, *args: Any, username: str, role: str, **options: Any) -> None:
        [name] = [each for each in roles.ROLES if each.lower() == role]
        user = User.objects.filter(username=username).first() or _made(username)
        roles.give(user, name)
        self.stdout.write(f"{username} is {name} now.")
        if user.is_superuser:
            self.stdout.write("They are a superuser too, and so may still do everything.")


def _made(username: str) -> User:
    """A new user, with the password that is typed. Raises CommandError."""
    user = User(username=username)
    try:
        user.full_clean(exclude=["password"])
        password = getpass(f"Password of the new operator {username}: ")
        validate_password(password, user)
    except ValidationError as error:
        raise CommandError("\n".join(error.messages)) from None
    if password != getpass("Again: "):
        raise CommandError("These two differ; nothing was changed.")
    user.set_password(password)
    user.save()
    return user
