from django.apps import AppConfig


class PostsConfig(AppConfig):
    name = "posts"

    def ready(self) -> None:
        from destinations import transitions
        from posts import rollup

        transitions.on_moved(rollup.roll_up)
