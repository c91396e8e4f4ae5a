from django.apps import AppConfig


class DestinationsConfig(AppConfig):
    name = "destinations"

    def ready(self) -> None:
        from destinations.accounts.tokens import lost
        from destinations.dispatch.restoring import lost_history
        from destinations.publishing import job
        from destinations.runtime import clock
        from destinations.state import restore
        from platforms import clock as platforms_clock

        platforms_clock.use(clock.known, clock.certain_age)
        lost_history.doubted.connect(lost.note)
        restore.recalled_by(job.recalled_checkpoint)
