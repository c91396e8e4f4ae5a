from django.apps import AppConfig


class PostsConfig(AppConfig):
    name = "posts"

    def ready(self) -> None:
        from destinations.publishing import pending_media
        from destinations.state import transitions
        from posts import status
        from posts.media.convert import request

        transitions.on_moved(status.ROLL_UP)
        pending_media.made_by(request.states)
