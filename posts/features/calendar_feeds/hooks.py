"""Connect calendar feeds to the core."""

from posts.composing.extensions.lifecycle import DeletionListener
from posts.features.calendar_feeds import cancelled
from posts.models import Post


class Calendars(DeletionListener):
    def before_deletion(self, post: Post) -> None:
        cancelled.note(post)


HOOKS = (Calendars(),)
