"""Settings, the tables of this version, and credentials that can be decrypted."""

from collections.abc import Iterator

from django.conf import settings
from django.core import checks
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from config.status.fact import Finding, ok, problem, warning
from destinations.accounts import encryption
from destinations.models import Account

#: How many accounts with unreadable credentials are named.
NAMED = 5


def check_settings() -> Iterator[Finding]:
    """Report what `manage.py check --deploy` does; the end of an API version is among it."""
    is_trial = bool(settings.DEMO_ENV)
    if is_trial:
        said = "This is a trial installation: every post goes to the simulator."
        yield warning("settings", said, "deploy/README.md says how to install it for production.")
    elif settings.DEBUG:
        yield warning("settings", "DEBUG is on.", "Unset DEBUG wherever others reach it.")
    found = checks.run_checks(include_deployment_checks=not (is_trial or settings.DEBUG))
    for message in found:
        if message.is_silenced():
            continue
        report = problem if message.level >= checks.ERROR else warning
        remedy = str(message.hint or "deploy/env.example explains each setting.")
        yield report("settings", str(message.msg).strip(), remedy)
    if not found:
        yield ok("settings", "no check complains")


def check_migrations() -> Iterator[Finding]:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        names = ", ".join(f"{migration.app_label}.{migration.name}" for migration, _ in plan)
        yield problem("migrations", f"not applied: {names}", "Run manage.py migrate.")
    else:
        yield ok("migrations", "all applied")


def check_credentials() -> Iterator[Finding]:
    total, unreadable = 0, []
    accounts = Account.objects.only("pk", "name", "platform", "credentials").order_by("pk")
    for account in accounts.iterator(chunk_size=500):
        total += 1
        try:
            encryption.unseal(account.credentials)
        except encryption.Unreadable:
            unreadable.append(str(account))
    if not unreadable:
        yield ok("credentials", f"those of {total} accounts can be decrypted")
        return
    more = f" and {len(unreadable) - NAMED} more" if len(unreadable) > NAMED else ""
    yield problem(
        "credentials",
        f"{len(unreadable)} of {total} cannot be decrypted: {', '.join(unreadable[:NAMED])}{more}.",
        "Add the key that encrypted them to the end of CREDENTIAL_KEYS, or reconnect the accounts.",
    )
