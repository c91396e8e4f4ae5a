from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        from django.apps import apps

        from config import checks, schedule

        checks.register()
        # Sent once for the app whose tables it fills: they exist by then.
        post_migrate.connect(
            schedule.sync,
            sender=apps.get_app_config("django_celery_beat"),
            dispatch_uid="config.schedule.sync",
        )
