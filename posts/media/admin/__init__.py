"""Files: the list, the page of one, and the previews that both and a post's page show."""

from posts.media.admin import page

__all__ = ["page"]
