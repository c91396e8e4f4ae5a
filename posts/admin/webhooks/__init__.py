"""The pages of webhooks and of what is delivered to them."""

from posts.admin.webhooks import delivery, webhook

__all__ = ["delivery", "webhook"]
