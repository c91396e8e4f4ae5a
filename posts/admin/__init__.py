"""What operators see of workspaces, their keys and their posts, and what they may do to them."""

from posts.admin import api_key, post, workspace

__all__ = ["api_key", "post", "workspace"]
