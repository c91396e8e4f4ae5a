from django.apps import AppConfig


class PostsConfig(AppConfig):
    name = "posts"

    def ready(self) -> None:
        from destinations.publishing import pending_media
        from destinations.state import transitions
        from posts import rollup
        from posts.api import documenting  # noqa: F401 - registers itself
        from posts.variants import asking

        transitions.on_moved(rollup.roll_up)
        pending_media.made_by(asking.states)
