"""The preparation of every Django process.

Only web and a few commands serve or check pages. So nothing of the admin, the API's views or the
URLs is imported here: that is 25 MB and half a second for each worker, for beat and for Flower.
"""

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.contrib.admin.apps import SimpleAdminConfig
from django.contrib.admin.checks import check_admin_app, check_dependencies
from django.core import checks
from django.db.models.signals import post_migrate


class SiteConfig(SimpleAdminConfig):
    """The admin without autodiscovery: config/urls.py imports its pages."""

    default_site = "config.admin.site.Site"

    def ready(self) -> None:
        checks.register(check_dependencies, checks.Tags.admin)
        checks.register(_check_admin, checks.Tags.admin)


def _check_admin(app_configs: Any, **options: Any) -> list[checks.CheckMessage]:
    """Django's checks of the admin, which are of no use before its pages are registered."""
    from config import urls  # noqa: F401

    found: list[checks.CheckMessage] = check_admin_app(app_configs, **options)
    return found


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = "Installation"

    def ready(self) -> None:
        from django.apps import apps

        # Makes it Celery's default app, which sends tasks.
        from config import celery  # noqa: F401
        from config import checks as own
        from config.observability import telemetry
        from config.operators import log, roles
        from config.queue import schedule

        telemetry.report_errors(settings.SENTRY_DSN)
        telemetry.trace_requests()
        own.register()
        log.connect()
        # Sent once for the app whose tables it fills: they exist by then.
        post_migrate.connect(
            schedule.sync,
            sender=apps.get_app_config("django_celery_beat"),
            dispatch_uid="config.queue.schedule.sync",
        )
        post_migrate.connect(
            roles.sync,
            sender=apps.get_app_config(settings.INSTALLED_APPS[-1]),
            dispatch_uid="config.operators.roles.sync",
        )
