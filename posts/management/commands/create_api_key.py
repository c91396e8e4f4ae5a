"""`manage.py create_api_key`: create an API key and print it once."""

import uuid
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from destinations.access import Reach
from destinations.models import Account
from posts.composing import references, times
from posts.errors import RequestRefused
from posts.keys import keys
from posts.models import Workspace


class Command(BaseCommand):
    help = "Creates an API key and prints it. It cannot be shown again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--workspace", required=True, metavar="NAME_OR_ID")
        parser.add_argument("--name", required=True, help="what the key is for")
        parser.add_argument(
            "--scopes", default="read,write", help="any of read, write, ai, approve"
        )
        parser.add_argument("--expires-at", default="", metavar="ISO_8601", help="default: never")
        parser.add_argument(
            "--accounts", default="", help="ids of the accounts it may use; default: all"
        )
        for bucket in ("request", "post"):
            parser.add_argument(
                f"--{bucket}-limits",
                default="",
                metavar="60/min,1000/h",
                help="limits of this key, or none; default: the installation's",
            )
        parser.add_argument(
            "--create-workspace",
            action="store_true",
            help="create the workspace if it does not exist",
        )

    def handle(self, *, workspace: str, name: str, scopes: str, **options: Any) -> None:
        words = [word.strip() for word in scopes.split(",") if word.strip()]
        try:
            when = options["expires_at"]
            expires_at = times.resolve(times.parse(when), "UTC") if when else None
            with transaction.atomic():
                tenant = self._workspace(workspace, create=options["create_workspace"])
                _, secret = keys.create(
                    tenant,
                    name,
                    words,
                    expires_at,
                    accounts=self._accounts(tenant, options["accounts"]),
                    request_limits=options["request_limits"],
                    post_limits=options["post_limits"],
                )
        except (RequestRefused, ValueError) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(secret)

    def _accounts(self, tenant: Workspace, numbers: str) -> list[Account]:
        wanted = [int(word) for word in numbers.split(",") if word.strip()]
        return references.accounts(Reach(tenant.pk), wanted)

    def _workspace(self, name_or_id: str, *, create: bool) -> Workspace:
        try:
            by_id = Workspace.objects.filter(pk=uuid.UUID(name_or_id)).first()
        except ValueError:
            by_id = None
        if by_id:
            return by_id
        named = list(Workspace.objects.filter(name=name_or_id)[:2])
        if len(named) == 2:
            raise CommandError(f"Several workspaces are called {name_or_id!r}; pass an id.")
        if named:
            return named[0]
        if not create:
            raise CommandError(f"No workspace {name_or_id!r}; add --create-workspace to create it.")
        return Workspace.objects.create(name=name_or_id)
