"""The log of API requests: the list, and the page of one."""

from posts.features.request_log.admin import page

__all__ = ["page"]
