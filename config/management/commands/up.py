import sys
from typing import Any

from django.core.management.base import BaseCommand

from deploy.local import up


class Command(BaseCommand):
    help = "Run Dovecote with everything it needs on this machine, until Ctrl-C."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        sys.exit(up.run())
