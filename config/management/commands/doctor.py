"""`manage.py doctor`: what is wrong with this installation, and how to mend it."""

from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import pluralize

from config.status import notifications
from config.status.fact import Finding
from config.status.table import OF_FEATURES, measure

#: Their failures explain each other in this order.
FACTS = (
    "settings",
    "database",
    "migrations",
    "replica",
    "redis",
    "sentinels",
    "tick",
    "schedule",
    "beat",
    "workers",
    "dedicated queues",
    "connections",
    "credentials",
    "storage",
    "trusted proxies",
    "proxy",
    "egress",
    "single sign-on",
    "notifications",
    "restore",
    "lost tokens",
    "outages",
    "media",
    *(fact.name for fact in OF_FEATURES),
)


def findings(names: Iterable[str] = FACTS) -> Iterator[Finding]:
    """Yield what is found about these facts. A server that does not answer is named once."""
    away = set[str]()
    for each in measure(names):
        servers = {finding.subject for finding in each.findings} if each.failure else set()
        if not servers or servers - away:
            yield from each.findings
        away |= servers


class Command(BaseCommand):
    help = (
        "Looks at settings, servers, clocks, processes, credentials, storage, proxy and networks. "
        "Exit status 1 if posts are late, lost or refused because of what it finds."
    )
    # They are part of what is looked at.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--strict", action="store_true", help="fail for warnings too")
        parser.add_argument("--quiet", action="store_true", help="leave out what is fine")
        parser.add_argument("--notify", action="store_true", help="send a test to NOTIFY_URLS")

    def handle(self, *, strict: bool, quiet: bool, notify: bool, **options: Any) -> None:
        found = []
        for finding in chain(findings(), notifications.send_test() if notify else ()):
            found.append(finding.level)
            if finding.level != "ok" or not quiet:
                self._tell(finding)
        problems, warnings = found.count("problem"), found.count("warning")
        summary = (
            f"{problems} problem{pluralize(problems)}, {warnings} warning{pluralize(warnings)}, "
            f"{found.count('ok')} fine."
        )
        if problems or (strict and warnings):
            raise CommandError(summary)
        self.stdout.write(summary)

    def _tell(self, finding: Finding) -> None:
        styles = {
            "ok": self.style.SUCCESS,
            "notice": self.style.NOTICE,
            "warning": self.style.WARNING,
            "problem": self.style.ERROR,
        }
        level = styles[finding.level](f"{finding.level:8}")
        self.stdout.write(f"{level} {finding.subject:12} {finding.said}")
        if finding.remedy:
            self.stdout.write(f"{'':22}{finding.remedy}")
