"""Programs that are connected by OAuth: the consent page, and the lists of them and of grants."""

from posts.admin.oauth import client, grant

__all__ = ["client", "grant"]
