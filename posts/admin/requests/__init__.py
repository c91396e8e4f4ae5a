"""The log of API requests: the list, and the page of one."""

from posts.admin.requests import page

__all__ = ["page"]
