from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.db.models.signals import post_migrate


class SiteConfig(AdminConfig):
    default_site = "config.admin.site.Site"

    def ready(self) -> None:
        super().ready()
        # Not by autodiscovery: these replace what the other packages have registered by now.
        from config.admin import third_party  # noqa: F401


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        from django.apps import apps

        from config import checks
        from config.operators import signals
        from config.queue import schedule

        checks.register()
        signals.connect()
        # Sent once for the app whose tables it fills: they exist by then.
        post_migrate.connect(
            schedule.sync,
            sender=apps.get_app_config("django_celery_beat"),
            dispatch_uid="config.queue.schedule.sync",
        )
