"""Logins from terminals: their history, and the page on which an operator allows one."""

from posts.admin.device_logins import history

__all__ = ["history"]
