"""What operators see of workspaces, their keys and their posts."""

from posts.admin import api_key, post, workspace

__all__ = ["api_key", "post", "workspace"]
