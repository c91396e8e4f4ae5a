from django.apps import AppConfig

from posts import registry


class PostsConfig(AppConfig):
    name = "posts"

    def import_models(self) -> None:
        """Import the models of the core, and those of features: their app is this one."""
        super().import_models()
        registry.load("models")

    def ready(self) -> None:
        from destinations import manual_retry
        from destinations import outbox as destinations_outbox
        from destinations.deleting import record
        from destinations.dispatch.restoring import lost_history
        from destinations.publishing import pending_media
        from destinations.state import transitions
        from posts.composing import status
        from posts.composing.changes import deletion
        from posts.composing.extensions import holds, lifecycle
        from posts.media.convert import request
        from posts.outbox import outbox, transition_events

        manual_retry.approved_by(holds.held)
        record.posts_removed_by(deletion.remove_if_gone)
        transitions.on_moved(status.ROLL_UP, transition_events.TELLING)
        destinations_outbox.written_by(outbox.emit_to)
        pending_media.made_by(request.states)
        lost_history.history_lost.connect(lifecycle.after_restore)
