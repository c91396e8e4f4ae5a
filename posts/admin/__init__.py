"""What operators see of workspaces, their keys and their posts, and what they may do to them."""

from posts import registry
from posts.admin import post, workspace
from posts.keys import admin as keys
from posts.media import admin as media

registry.load("admin")

__all__ = ["keys", "media", "post", "workspace"]
