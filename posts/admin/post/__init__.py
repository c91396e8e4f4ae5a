"""Posts: the list, and the page of one, which says what became of it at every network."""

from posts.admin.post import page

__all__ = ["page"]
