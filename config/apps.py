from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.db.models.signals import post_migrate


class SiteConfig(AdminConfig):
    default_site = "config.admin_site.Site"


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        from django.apps import apps

        from config import checks, schedule
        from config.web import operators

        checks.register()
        operators.connect()
        # Sent once for the app whose tables it fills: they exist by then.
        post_migrate.connect(
            schedule.sync,
            sender=apps.get_app_config("django_celery_beat"),
            dispatch_uid="config.schedule.sync",
        )
