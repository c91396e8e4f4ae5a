from django.apps import AppConfig


class DestinationsConfig(AppConfig):
    name = "destinations"

    def ready(self) -> None:
        from destinations.runtime import clock
        from platforms import clock as platforms_clock

        platforms_clock.use(clock.known)
